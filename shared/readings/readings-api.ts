/** Routes of readings. */
import * as z from 'zod';
import { cursorField, idParam, limitField, pageOf, pageQuery, timeInput, timeZoneField } from '../api/fields.ts';
import { READINGS_LIMIT, route } from '../api/route.ts';
import { streamField } from '../bucket/bucket.ts';
import { deletion } from '../deletion/deletion.ts';
import { idSchema } from '../platform/ids.ts';
import { MAX_DEPTH } from '../platform/json-value.ts';
import { parseEvery } from './aggregate/every.ts';
import { AGGREGATES } from './aggregate/stats.ts';
import { aggregateRow } from './aggregate-row.ts';
import { newReadings, writtenReadings } from './new-reading.ts';
import { reading } from './reading.ts';

export const CSV = 'text/csv';
export const NDJSON = 'application/x-ndjson';

const everyField = z
  .string()
  .transform((text, context) => {
    const every = parseEvery(text);
    if (every) return every;
    context.addIssue({ code: 'custom', message: 'must be <n>s, <n>m or <n>h up to 24 hours, or <n>d or <n>w' });
    return z.NEVER;
  })
  .meta({
    description:
      'Answers one row per interval, device and stream instead of readings: <n>s, <n>m, <n>h (up to 24 hours), <n>d or <n>w. ' +
      'Seconds, minutes and hours are counted from local midnight; days from 1 January 1970, weeks from Monday, 29 December 1969. ' +
      'A day across a change of the clock has 23 or 25 hours.',
    examples: ['1h'],
  });

const aggregateField = z
  .string()
  .max(100)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(AGGREGATES)).refine((names) => new Set(names).size === names.length, 'names one twice'))
  .meta({
    description: `With \`every\`: comma-separated, of ${AGGREGATES.join(', ')}.`,
    default: 'mean',
    examples: ['mean,max'],
  });

/** Which readings of a bucket: all of those that are given must match. */
const range = {
  device: idSchema('device').optional().describe('Only of this device.'),
  stream: streamField.optional().describe('Only of this stream.'),
  from: timeInput.optional().describe('Inclusive.'),
  to: timeInput.optional().describe('Exclusive.'),
};

export const readingsRoutes = {
  query: route({
    id: 'readings.query',
    method: 'GET',
    path: '/v1/buckets/{id}/readings',
    access: 'readings.read',
    summary:
      'Readings of a bucket in order of time, or what they come to per interval, as JSON, CSV or NDJSON by `Accept`.',
    params: idParam('bucket'),
    query: z
      .strictObject({
        ...range,
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
        every: everyField.optional(),
        aggregate: aggregateField.optional(),
        timeZone: timeZoneField.optional().describe('With `every`: an IANA time zone; else the bucket’s, else UTC.'),
      })
      .superRefine((query, context) => {
        if (query.every !== undefined) return;
        for (const name of ['aggregate', 'timeZone'] as const) {
          if (query[name] !== undefined)
            context.addIssue({ code: 'custom', path: [name], message: 'goes with `every` only' });
        }
      }),
    output: pageOf(
      z.xor([reading, aggregateRow]).meta({ id: 'ReadingOrRow', description: 'A row with `every`, else a reading.' }),
    ),
    alsoProduces: [CSV, NDJSON],
    problems: ['not-found', 'not-acceptable'],
  }),
  latest: route({
    id: 'readings.latest',
    method: 'GET',
    path: '/v1/buckets/{id}/latest',
    access: 'readings.read',
    summary:
      'The newest reading of each device of a bucket, by device id. A page may hold fewer than `limit`, also none.',
    params: idParam('bucket'),
    query: pageQuery.extend({ stream: streamField.optional().describe('Only of this stream.') }),
    output: pageOf(reading),
    problems: ['not-found'],
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
        ...range,
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
