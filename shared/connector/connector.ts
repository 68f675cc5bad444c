/**
 * A connector: a way in other than MQTT, an HTTP address for gateways and LoRaWAN networks with a secret of its own. It feeds
 * devices of one product.
 */
import * as z from 'zod';
import { nameField, timeField } from '../api/fields.ts';
import { exampleId, idSchema } from '../platform/ids.ts';

/** What the sender speaks. */
export const CONNECTOR_KINDS = ['json', 'senml', 'the-things-stack', 'chirpstack'] as const;
export const connectorKind = z.enum(CONNECTOR_KINDS);
export type ConnectorKind = z.output<typeof connectorKind>;

export const newConnector = z
  .strictObject({
    name: nameField,
    kind: connectorKind.describe('What the sender speaks.'),
    product: idSchema('product').describe('The product of the devices that it feeds.'),
    createDevices: z
      .boolean()
      .optional()
      .describe('Whether a device is made for one that nobody knows yet; needs custodia/devices.write.'),
  })
  .meta({
    id: 'NewConnector',
    examples: [{ name: 'Rooftop network', kind: 'the-things-stack', product: exampleId('product') }],
  });

export const connector = z
  .object({
    id: idSchema('connector'),
    name: z.string(),
    kind: connectorKind,
    product: idSchema('product'),
    createDevices: z.boolean(),
    url: z.string().describe('Where to `POST`, with the secret as `Authorization: Bearer`.'),
    createdAt: timeField,
    updatedAt: timeField,
  })
  .meta({ id: 'Connector', description: 'A way in other than MQTT, with a secret of its own.' });
export type Connector = z.output<typeof connector>;

/** What creation answers: the secret is shown this once. */
export const connectorWithSecret = connector
  .extend({
    secret: z.string().optional().describe('Shown once: absent when a request is replayed by its idempotency key.'),
  })
  .meta({ id: 'ConnectorWithSecret' });

/** What became of a request to a connector's address. */
export const received = z
  .object({
    stored: z.int().describe('Readings that a bucket collects.'),
    uncollected: z.int().describe('Readings that no bucket collects: dropped.'),
    rejected: z.int().describe('What could not be stored: listed under rejected messages, with the reason.'),
    ignored: z.int().describe('What the sender tells beside readings: a join, an acknowledgement, …'),
  })
  .meta({ id: 'Received' });
