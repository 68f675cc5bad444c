/** A row of an aggregation: what the readings of one device and stream come to in one interval. */
import * as z from 'zod';
import { timeField } from '../api/fields.ts';
import { streamField } from '../bucket/bucket.ts';
import { idSchema } from '../platform/ids.ts';
import { AGGREGATES } from './aggregate/stats.ts';

const aggregates = Object.fromEntries(AGGREGATES.map((name) => [name, { type: 'number' as const }]));

export const aggregateRow = z
  .object({
    from: timeField,
    to: timeField,
    device: idSchema('device'),
    stream: streamField,
    // Not a z.record, which drops a field that is called __proto__.
    values: z.unknown().meta({
      type: 'object',
      description:
        'By field; dots go deeper into the value, and a value that is a number itself is the field `value`. Only numbers count.',
      additionalProperties: { type: 'object', properties: aggregates },
      examples: [{ temperature: { mean: 21.5 } }],
    }),
  })
  .meta({
    id: 'AggregateRow',
    description:
      'What the readings of one device and stream come to in one interval. `from` and `to` are the whole interval’s, also where the request’s cut it. An interval without a number has no row.',
  });
