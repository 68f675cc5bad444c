/** A reading: one timestamped JSON value of one device and stream. */
import * as z from 'zod';
import { timeField } from '../api/fields.ts';
import { streamField } from '../bucket/bucket.ts';
import { idSchema } from '../platform/ids.ts';

export const reading = z
  .object({
    ts: timeField,
    device: idSchema('device'),
    stream: streamField,
    value: z.unknown().meta({
      description: 'Any JSON value; with `fields`, an object of the fields asked for.',
      examples: [{ temperature: 21.5 }],
    }),
  })
  .meta({ id: 'Reading', description: 'One timestamped JSON value of one device and stream.' });
