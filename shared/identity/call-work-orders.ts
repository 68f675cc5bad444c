/** The broker, as handlers that start jobs call it: seals their caller's token into a work order. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { DomainError } from '../api/errors.ts';
import { callFunction } from '../platform/call-function.ts';
import { type SealRequest, sealAnswer } from './broker-protocol.ts';

/** Answers the sealed order, or throws the domain error. */
export type SealWorkOrder = (request: Omit<SealRequest, 'kind'>) => Promise<string>;

export function callWorkOrders(lambda: LambdaClient, brokerFunction: string): SealWorkOrder {
  const ask = callFunction(lambda, brokerFunction, sealAnswer);
  return async (request) => {
    const answer = await ask({ kind: 'seal', ...request });
    if (answer.granted) return answer.order;
    const refused = answer.reason === 'invalid-token' ? 'invalid-token' : 'forbidden';
    throw new DomainError(refused, 'The access token starts no work for this account.');
  };
}
