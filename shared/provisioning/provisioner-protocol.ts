/** What handlers and the provisioner say to each other. */
import * as z from 'zod';
import { sealedOrderField } from '../identity/work-order.ts';
import { idSchema } from '../platform/ids.ts';

const product = idSchema('product');
const device = idSchema('device');
const certificateId = z.string().regex(/^[0-9a-f]{64}$/);

const request = z.strictObject({
  account: idSchema('account'),
  command: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('add-product'), product }),
    z.strictObject({ kind: z.literal('remove-product'), product }),
    z.strictObject({ kind: z.literal('add-device'), product, device }),
    z.strictObject({ kind: z.literal('remove-device'), product, device }),
    z.strictObject({
      kind: z.literal('add-certificate'),
      product,
      device,
      credential: idSchema('credential'),
      csr: z.string().optional(),
    }),
    z.strictObject({ kind: z.literal('remove-certificate'), device, certificateId }),
  ]),
});

/** With the caller's token; or with a job's work order, for what jobs may do. */
export const provisionerRequest = z.union([
  request.extend({ token: z.string() }),
  request.extend({ order: sealedOrderField }),
]);
export type ProvisionerRequest = z.input<typeof provisionerRequest>;

const certificate = z.object({
  certificateId,
  certificatePem: z.string(),
  privateKeyPem: z.string().optional(),
  caPem: z.string(),
  endpoint: z.string(),
  port: z.number().int(),
});

export const provisionerAnswer = z.discriminatedUnion('done', [
  z.object({ done: z.literal(true), certificate: certificate.optional() }),
  z.object({
    done: z.literal(false),
    reason: z.enum(['invalid-token', 'forbidden', 'not-found', 'bad-csr', 'too-many']),
  }),
]);
export type ProvisionerAnswer = z.output<typeof provisionerAnswer>;

/** Does it, or throws the domain error. */
export type Provision = (request: ProvisionerRequest) => Promise<z.output<typeof certificate> | undefined>;
