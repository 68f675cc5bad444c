/**
 * A bucket: where an account collects readings; the *instruction* to keep them (P4), with a source, a retention and a time zone.
 * A message that no bucket of its account collects is dropped and counted.
 */
import * as z from 'zod';
import { nameField, timeField, timeZoneField } from '../api/fields.ts';
import { exampleId, idSchema } from '../platform/ids.ts';

/** The name of what a device sends: one topic level. */
export const streamField = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, 'must be 1 to 128 letters, digits, dots, dashes, colons or underscores')
  .meta({ description: 'A stream: telemetry, events, …', examples: ['telemetry'] });

export const sourceField = z
  .strictObject({
    product: idSchema('product').optional(),
    device: idSchema('device').optional(),
    stream: streamField.optional(),
  })
  .meta({
    id: 'BucketSource',
    description: 'What it collects: all members that are given must match; {} collects everything of the account.',
  });
export type Source = z.output<typeof sourceField>;

export const retentionField = z
  .number()
  .int()
  .min(1)
  .max(36_500)
  .describe('Days after which readings are gone; none: for ever.');

export const newBucket = z
  .strictObject({
    name: nameField,
    source: sourceField,
    retentionDays: retentionField.optional(),
    timeZone: timeZoneField.optional(),
  })
  .meta({
    id: 'NewBucket',
    examples: [{ name: 'temperatures', source: { product: exampleId('product'), stream: 'telemetry' } }],
  });

export const bucket = z
  .object({
    id: idSchema('bucket'),
    name: z.string(),
    source: sourceField,
    retentionDays: z.int().optional().describe('Absent: for ever.'),
    timeZone: z.string().optional(),
    createdAt: timeField,
    updatedAt: timeField,
  })
  .meta({ id: 'Bucket', description: 'The instruction to keep readings.' });
export type Bucket = z.output<typeof bucket>;

/** Whether a bucket with this source collects what this device sends. */
export const collects = (source: Source, from: { product: string; device: string; stream: string }): boolean =>
  (source.product === undefined || source.product === from.product) &&
  (source.device === undefined || source.device === from.device) &&
  (source.stream === undefined || source.stream === from.stream);
