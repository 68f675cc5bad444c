/** A reading as a program writes it. What `ts` may be is the same as over MQTT. */
import * as z from 'zod';
import { streamField } from '../bucket/bucket.ts';
import { exampleId, idSchema } from '../platform/ids.ts';
import { JsonNumber, type JsonValue } from '../platform/json-value.ts';

/** How many readings one request writes. */
const MOST_READINGS = 1000;

const jsonField = z.custom<JsonValue>((value) => value !== undefined, 'is required');

const tsField = z
  .custom<string | number | JsonNumber>(
    (ts) => typeof ts === 'string' || typeof ts === 'number' || ts instanceof JsonNumber,
    'must be ISO 8601 with an offset, or epoch milliseconds',
  )
  .meta({
    anyOf: [
      { type: 'string', examples: ['2026-03-01T10:00:00.123Z'] },
      { type: 'number', examples: [1772359200123] },
    ],
    description:
      'ISO 8601 with an offset, or epoch milliseconds; finer than a millisecond is truncated. Not before 1970, nor more than 24 hours ahead. Without it, the arrival dates the reading.',
  });

export const newReading = z
  .strictObject({
    device: idSchema('device'),
    stream: streamField,
    ts: tsField.optional(),
    value: jsonField.meta({
      description: 'Any JSON value of up to 64 levels and 128 KB. Numbers are kept as they are sent.',
      examples: [{ temperature: 21.5 }],
    }),
  })
  .meta({ id: 'NewReading' });
export type NewReading = z.output<typeof newReading>;

export const newReadings = z.strictObject({ readings: z.array(newReading).min(1).max(MOST_READINGS) }).meta({
  id: 'NewReadings',
  examples: [
    {
      readings: [
        {
          device: exampleId('device'),
          stream: 'telemetry',
          ts: '2026-03-01T10:00:00.123Z',
          value: { temperature: 21.5 },
        },
      ],
    },
  ],
});

export const writtenReadings = z
  .object({
    stored: z.int().describe('How many are new.'),
    duplicates: z
      .int()
      .describe(
        'How many are equal, in device, stream, ts and value, to one before them in the request, or to one that the bucket held already. The latter are looked for device by device, where a device’s readings in the request lie within seven days, and only in products of which the request has at most 20 devices; all others count as stored, and still read as one.',
      ),
  })
  .meta({ id: 'WrittenReadings' });
