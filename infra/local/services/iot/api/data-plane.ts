/** AWS IoT's data plane, signing name `iotdata`: what functions do to connections and topics. */
import * as z from 'zod';
import type { AwsService, Clock } from '../../../contract.ts';
import type { Arns } from '../arns.ts';
import { dropWill, forgetSession } from '../broker/aedes-internals.ts';
import type { Broker } from '../broker/broker.ts';
import { MOST_PAYLOAD_BYTES } from '../broker/broker.ts';
import type { Connections } from '../broker/connections.ts';
import { basicIngest, mayBePublished } from '../broker/topics.ts';
import { invalidRequest, notFound, payloadTooLarge } from '../errors.ts';
import type { Registry } from '../registry/registry.ts';
import type { RuleEngine } from '../rules/engine.ts';
import { flag, on, restService, route } from './rest.ts';

export interface DataPlane {
  readonly registry: Registry;
  readonly arns: Arns;
  readonly clock: Clock;
  readonly broker: Broker;
  readonly connections: Connections;
  readonly rules: RuleEngine;
}

const clientId = z.string().min(1).max(128);
/** As on AWS, an ended connection is remembered for half an hour. */
const REMEMBERED_MS = 1_800_000;

export function dataPlane({ registry, arns, clock, broker, connections, rules }: DataPlane): AwsService {
  const client = (id: string) => arns.of('client', id);
  return restService('iotdata', 'ForbiddenException', [
    route({
      name: 'DeleteConnection',
      method: 'DELETE',
      path: '/connections/{clientId}',
      input: z.strictObject({ clientId, cleanSession: flag.default(false), preventWillMessage: flag.default(false) }),
      demands: (input) => on('DeleteConnection', client(input.clientId)),
      run: async (input) => {
        const connection = connections.find(input.clientId);
        if (!connection) throw notFound(`There is no connection with the client id ${input.clientId}`);
        if (input.preventWillMessage) dropWill(connection.aedes);
        await connections.close(connection, 'API_INITIATED_DISCONNECT');
        if (input.cleanSession) await forgetSession(broker.aedes, connection.aedes);
        return undefined;
      },
    }),
    route({
      name: 'GetConnection',
      method: 'GET',
      path: '/connections/{clientId}',
      input: z.strictObject({ clientId }),
      demands: (input) => on('GetConnection', client(input.clientId)),
      run: (input) => {
        const found = registry.sessions.find(input.clientId);
        const ended = found?.disconnected_at ?? undefined;
        if (!found || (ended !== undefined && clock.now() - ended > REMEMBERED_MS))
          throw notFound(`There is no connection with the client id ${input.clientId}`);
        return {
          clientId: found.client,
          connected: ended === undefined,
          thingName: found.thing ?? undefined,
          cleanSession: found.clean,
          ...(ended === undefined
            ? { connectedSince: found.connected_at }
            : { disconnectedSince: ended, disconnectReason: found.reason ?? undefined }),
        };
      },
    }),
    route({
      name: 'Publish',
      method: 'POST',
      path: '/topics/{topic+}',
      payload: 'payload',
      input: z.strictObject({
        topic: z.string(),
        qos: z
          .enum(['0', '1'])
          .default('0')
          .transform((qos) => (qos === '1' ? 1 : 0)),
        retain: flag.default(false),
        payload: z.instanceof(Buffer),
      }),
      demands: ({ topic, retain }) => [
        ...on('Publish', arns.of('topic', topic)),
        ...(retain ? on('RetainPublish', arns.of('topic', topic)) : []),
      ],
      run: async (message) => {
        if (!mayBePublished(message.topic)) throw invalidRequest(`nothing can be published to ${message.topic}`);
        if (message.payload.length > MOST_PAYLOAD_BYTES) throw payloadTooLarge('a payload has at most 128 KB');
        const ingest = basicIngest(message.topic);
        if (ingest) await rules.dispatchTo(ingest.rule, { topic: ingest.topic, payload: message.payload });
        else {
          await rules.dispatch({ topic: message.topic, payload: message.payload });
          await broker.deliver(message);
        }
        return undefined;
      },
    }),
  ]);
}
