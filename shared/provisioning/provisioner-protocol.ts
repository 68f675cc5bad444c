/** What handlers and the provisioner say to each other. */
import * as z from 'zod';
import { connectorProof } from '../identity/connector-proof.ts';
import { sealedOrderField } from '../identity/work-order.ts';
import { idSchema } from '../platform/ids.ts';

const product = idSchema('product');
const device = idSchema('device');
const certificateId = z.string().regex(/^[0-9a-f]{64}$/);

const addDevice = z.strictObject({ kind: z.literal('add-device'), product, device });

const ofAccount = z.strictObject({
  account: idSchema('account'),
  command: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('add-product'), product }),
    z.strictObject({ kind: z.literal('remove-product'), product }),
    addDevice,
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
/** A connector may have a device made, and nothing else. */
const byConnector = connectorProof.extend({ command: addDevice });
export type ConnectorRequest = z.output<typeof byConnector>;

/** With the caller's token, or with a job's work order, for what jobs may do; or with a connector's secret. */
export const provisionerRequest = z.union([
  ofAccount.extend({ token: z.string() }),
  ofAccount.extend({ order: sealedOrderField }),
  byConnector,
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
  z.object({
    done: z.literal(true),
    certificate: certificate.optional(),
    /** Of an added device. */
    number: z.int().positive().optional(),
  }),
  z.object({
    done: z.literal(false),
    reason: z.enum(['invalid-token', 'forbidden', 'not-found', 'bad-csr', 'too-many']),
  }),
]);
export type ProvisionerAnswer = z.output<typeof provisionerAnswer>;

/** Does it and answers what was made, or throws the domain error. */
export type Provision = (request: ProvisionerRequest) => Promise<Extract<ProvisionerAnswer, { done: true }>>;
