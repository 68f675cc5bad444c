/** Routes of connectors, and the address that each of them is. */
import * as z from 'zod';
import { idParam, pageOf, pageQuery } from '../api/fields.ts';
import { READINGS_LIMIT, route } from '../api/route.ts';
import { idSchema } from '../platform/ids.ts';
import { type JsonValue, MAX_DEPTH } from '../platform/json-value.ts';
import { connector, connectorWithSecret, newConnector, received } from './connector.ts';

export const connectorRoutes = {
  list: route({
    id: 'connectors.list',
    method: 'GET',
    path: '/v1/connectors',
    access: 'connectors.read',
    summary: 'List connectors.',
    query: pageQuery,
    output: pageOf(connector),
  }),
  create: route({
    id: 'connectors.create',
    method: 'POST',
    path: '/v1/connectors',
    access: 'connectors.write',
    summary: 'Create a connector: an address for a gateway or a LoRaWAN network. Its secret is shown once.',
    body: newConnector,
    output: connectorWithSecret,
    secrets: ['secret'],
    problems: ['not-found', 'forbidden'],
  }),
  get: route({
    id: 'connectors.get',
    method: 'GET',
    path: '/v1/connectors/{id}',
    access: 'connectors.read',
    summary: 'One connector.',
    params: idParam('connector'),
    output: connector,
    problems: ['not-found'],
  }),
  delete: route({
    id: 'connectors.delete',
    method: 'DELETE',
    path: '/v1/connectors/{id}',
    access: 'connectors.write',
    summary: 'Delete a connector; its secret is refused within 60 seconds. Devices and readings stay.',
    params: idParam('connector'),
    ifMatch: 'optional',
    problems: ['not-found', 'stale'],
  }),
};

export const ingestRoutes = {
  receive: route({
    id: 'ingest.receive',
    method: 'POST',
    path: '/v1/ingest/{connector}',
    access: 'connector',
    summary:
      'Where a connector’s sender posts. Whatever is JSON is answered 200: what can’t be stored is listed under rejected messages.',
    params: z.strictObject({ connector: idSchema('connector') }),
    query: z.strictObject({
      event: z.string().max(64).optional().describe('`chirpstack`: the type of the event, as ChirpStack sends it.'),
      device: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('`senml`: the device of all records, instead of the one that their names tell.'),
    }),
    body: z
      .custom<JsonValue>((body) => body !== undefined)
      .meta({
        description: 'What a sender of the connector’s kind sends.',
        examples: [{ device: '0004A30B001C0530', ts: '2026-03-01T10:00:00.123Z', value: { temperature: 21.5 } }],
      }),
    output: received,
    status: 200,
    alsoConsumes: ['application/senml+json'],
    bodyLimit: READINGS_LIMIT,
    // A value of the deepest kind stands some levels down in the body, and one that is too deep shall be named.
    bodyDepth: 2 * MAX_DEPTH,
  }),
};
