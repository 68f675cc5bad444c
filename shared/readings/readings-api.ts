/** Routes of readings. */
import * as z from 'zod';
import { cursorField, idParam, limitField, pageOf, timeInput } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { streamField } from '../bucket/bucket.ts';
import { deletion } from '../deletion/deletion.ts';
import { idSchema } from '../platform/ids.ts';
import { reading } from './reading.ts';

export const CSV = 'text/csv';
export const NDJSON = 'application/x-ndjson';

export const readingsRoutes = {
  query: route({
    id: 'readings.query',
    method: 'GET',
    path: '/v1/buckets/{id}/readings',
    access: 'readings.read',
    summary: 'Readings of a bucket in order of time, as JSON, CSV or NDJSON by `Accept`.',
    params: idParam('bucket'),
    query: z.strictObject({
      device: idSchema('device').optional().describe('Only of this device.'),
      stream: streamField.optional().describe('Only of this stream.'),
      from: timeInput.optional().describe('Inclusive.'),
      to: timeInput.optional().describe('Exclusive.'),
      order: z.enum(['asc', 'desc']).default('asc').describe('By time: oldest or newest first.'),
      limit: limitField(1000),
      cursor: cursorField,
      fields: z
        .string()
        .max(2000)
        .transform((text) => text.split(','))
        .pipe(
          z
            .array(z.string().min(1))
            .max(50)
            .refine((names) => new Set(names).size === names.length, 'names a field twice'),
        )
        .optional()
        .describe('Comma-separated names of fields of the value; dots go deeper: a,b.c'),
    }),
    output: pageOf(reading),
    alsoProduces: [CSV, NDJSON],
    problems: ['not-found', 'not-acceptable'],
  }),
  delete: route({
    id: 'readings.delete',
    method: 'DELETE',
    path: '/v1/buckets/{id}/readings',
    access: 'readings.write',
    summary:
      'Remove readings from a bucket, by a job; what is left out of the query means all. Other buckets keep theirs.',
    params: idParam('bucket'),
    query: z
      .strictObject({
        device: idSchema('device').optional().describe('Only of this device.'),
        stream: streamField.optional().describe('Only of this stream.'),
        from: timeInput.optional().describe('Inclusive.'),
        to: timeInput.optional().describe('Exclusive.'),
      })
      .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
        path: ['to'],
        message: 'must be later than `from`',
      }),
    output: deletion,
    status: 202,
    problems: ['not-found'],
  }),
};
