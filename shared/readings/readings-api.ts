/** Routes of readings. */
import * as z from 'zod';
import { idParam, pageOf, timeInput } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { streamField } from '../bucket/bucket.ts';
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
      device: idSchema('device').optional(),
      stream: streamField.optional(),
      from: timeInput.optional().describe('Inclusive.'),
      to: timeInput.optional().describe('Exclusive.'),
      order: z.enum(['asc', 'desc']).default('asc'),
      limit: z.coerce.number().int().min(1).max(1000).default(50).describe('Readings a page, 1 to 1,000.'),
      cursor: z.string().max(4096).optional().describe('`next` of the page before.'),
      fields: z
        .string()
        .max(2000)
        .transform((text) => text.split(','))
        .pipe(z.array(z.string().min(1)).max(50))
        .optional()
        .describe('Comma-separated names of fields of the value; dots go deeper: a,b.c'),
    }),
    output: pageOf(reading),
    alsoProduces: [CSV, NDJSON],
    problems: ['not-found', 'not-acceptable'],
  }),
};
