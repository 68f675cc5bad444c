/** An event that is taken now and handled later: kept first, then answered 202. */

import { randomUUID } from 'node:crypto';
import type { DurableFunctions } from '../durable/durable.ts';
import type { Resolved } from '../functions/function-registry.ts';
import type { AsyncQueue } from './async-queue.ts';
import { refuseTooLarge } from './invoker.ts';

const PAYLOAD_LIMIT = 1_048_576;

export interface Acceptors {
  readonly asynchronous: AsyncQueue;
  readonly durable: DurableFunctions;
}

/** JSON text, and what may come with it. */
export interface LaterEvent {
  readonly event: string;
  readonly clientContext?: string | undefined;
  /** Of the durable execution that it starts. */
  readonly executionName?: string | undefined;
}

/** A name on another function is refused by whoever starts executions. */
export const isDurable = ({ definition }: Resolved, executionName?: string): boolean =>
  definition.durable !== undefined || executionName !== undefined;

export function acceptEvent(
  { asynchronous, durable }: Acceptors,
  target: Resolved,
  { event, clientContext, executionName }: LaterEvent,
): { requestId: string; executionArn?: string } {
  refuseTooLarge(event, PAYLOAD_LIMIT);
  if (!isDurable(target, executionName)) return { requestId: asynchronous.put(target.arn, event, clientContext) };
  return { requestId: randomUUID(), executionArn: durable.send(target, event, executionName) };
}
