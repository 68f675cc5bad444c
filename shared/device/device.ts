/** A device: one physical or virtual thing of a product, with its own credentials. It never changes its product. */
import * as z from 'zod';
import { descriptionField, nameField, timeField } from '../api/fields.ts';
import { exampleId, idSchema } from '../platform/ids.ts';

export const serialNumberField = z
  .string()
  .min(1)
  .max(200)
  .describe(
    'The serial number that the maker gave it; for a LoRaWAN device its DevEUI. Connectors find the device by it.',
  );

export const newDevice = z
  .strictObject({
    name: nameField,
    product: idSchema('product'),
    description: descriptionField.optional(),
    serialNumber: serialNumberField.optional(),
  })
  .meta({ id: 'NewDevice', examples: [{ name: 't-1', product: exampleId('product') }] });

export const device = z
  .object({
    id: idSchema('device'),
    name: z.string(),
    product: idSchema('product'),
    description: z.string().optional(),
    serialNumber: z.string().optional(),
    connected: z.boolean().describe('Whether it has an MQTT connection now.'),
    lastSeenAt: timeField.optional().describe('When it last connected or disconnected; absent if it never did.'),
    createdAt: timeField,
    updatedAt: timeField,
  })
  .meta({ id: 'Device', description: 'One thing of a product, with its own credentials.' });
export type Device = z.output<typeof device>;

/** A certificate credential: by CSR (the key never leaves the device), or generated with its key shown once. */
export const newCredential = z
  .strictObject({
    kind: z.literal('certificate'),
    csr: z
      .string()
      .max(8192)
      .optional()
      .describe('A PKCS#10 certificate signing request, PEM: the key never leaves the device.'),
  })
  .meta({ id: 'NewCredential', examples: [{ kind: 'certificate' }] });

const certificateIdField = z.string().describe('SHA-256 of the certificate, as AWS IoT names it.');

export const credential = z
  .object({
    id: idSchema('credential'),
    kind: z.literal('certificate'),
    certificateId: certificateIdField,
    createdAt: timeField,
  })
  .meta({ id: 'Credential' });
export type Credential = z.output<typeof credential>;

export const newCertificate = z
  .object({
    id: idSchema('credential'),
    kind: z.literal('certificate'),
    certificateId: certificateIdField,
    certificatePem: z.string().describe('The device’s certificate.'),
    privateKeyPem: z.string().optional().describe('Shown once; absent when a CSR was given or a request is replayed.'),
    caPem: z.string().describe('The authority that signed the MQTT endpoint’s certificate.'),
    endpoint: z.string().describe('The host to connect to, by MQTT over mutual TLS.'),
    port: z.int(),
    clientId: z.string().describe('The MQTT client id to connect with.'),
    topics: z.object({
      publish: z.string().describe('Where to publish readings; fill in {stream}.'),
      basicIngest: z.string().describe('The same by AWS IoT Basic Ingest, without the messaging price.'),
      commands: z.string().describe('Where to listen for commands.'),
      answers: z.string().describe('Where to answer a command; fill in {command}.'),
    }),
  })
  .meta({ id: 'NewCertificate', description: 'All that a device needs to connect.' });
