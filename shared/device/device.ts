/** A device: one physical or virtual thing of a product, with its own credentials. It never changes its product. */
import * as z from 'zod';
import { descriptionField, nameField, timeField } from '../api/fields.ts';
import { idSchema } from '../platform/ids.ts';

export const serialNumberField = z.string().min(1).max(200).describe('The serial number that the maker gave it.');

export const newDevice = z.strictObject({
  name: nameField,
  product: idSchema('product'),
  description: descriptionField.optional(),
  serialNumber: serialNumberField.optional(),
});

export const device = z.object({
  id: idSchema('device'),
  name: z.string(),
  product: idSchema('product'),
  description: z.string().optional(),
  serialNumber: z.string().optional(),
  connected: z.boolean(),
  lastSeenAt: timeField.optional().describe('When it last connected or disconnected; absent if it never did.'),
  createdAt: timeField,
  updatedAt: timeField,
});
export type Device = z.output<typeof device>;

/** A certificate credential: by CSR (the key never leaves the device), or generated with its key shown once. */
export const newCredential = z.strictObject({
  kind: z.literal('certificate'),
  csr: z.string().max(8192).optional().describe('A PKCS#10 certificate signing request, PEM.'),
});

export const credential = z.object({
  id: idSchema('credential'),
  kind: z.literal('certificate'),
  certificateId: z.string().describe('SHA-256 of the certificate, as AWS IoT names it.'),
  createdAt: timeField,
});
export type Credential = z.output<typeof credential>;

export const newCertificate = z.object({
  id: idSchema('credential'),
  kind: z.literal('certificate'),
  certificateId: z.string(),
  certificatePem: z.string(),
  privateKeyPem: z.string().optional().describe('Shown once; absent when a CSR was given or a request is replayed.'),
  caPem: z.string().describe('The authority that signed the MQTT endpoint’s certificate.'),
  endpoint: z.string(),
  port: z.number().int(),
  clientId: z.string(),
  topics: z.object({
    publish: z.string(),
    basicIngest: z.string(),
    commands: z.string(),
    answers: z.string(),
  }),
});
