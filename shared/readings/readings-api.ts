/** Routes of readings. */
import * as z from 'zod';
import { cursorField, idParam, limitField, pageOf, timeInput } from '../api/fields.ts';
import { READINGS_LIMIT, route } from '../api/route.ts';
import { streamField } from '../bucket/bucket.ts';
import { idSchema } from '../platform/ids.ts';
import { MAX_DEPTH } from '../platform/json-value.ts';
import { newReadings, writtenReadings } from './new-reading.ts';
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
  write: route({
    id: 'readings.write',
    method: 'POST',
    path: '/v1/buckets/{id}/readings',
    access: 'readings.write',
    summary:
      'Write 1 to 1,000 readings of devices that the bucket’s source names, into this bucket alone. Nothing is stored if one is not valid. The same again changes nothing.',
    params: idParam('bucket'),
    body: newReadings,
    output: writtenReadings,
    status: 200,
    problems: ['not-found'],
    bodyLimit: READINGS_LIMIT,
    // A value of the deepest kind stands some levels down in the body, and one that is too deep shall be named.
    bodyDepth: 2 * MAX_DEPTH,
  }),
};
