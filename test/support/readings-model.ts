/** What readings should be there: the plainest model of a product's readings, and the same as the store gives them. */

import type { AccountSession } from '../../shared/platform/account-session.ts';
import { canonicalJson, type JsonValue } from '../../shared/platform/json-value.ts';
import { dayOf } from '../../shared/readings/blocks/spans.ts';
import { readDays } from '../../shared/readings/read-days.ts';

export interface ModelReading {
  readonly bucket: string;
  readonly device: string;
  readonly stream: string;
  readonly ts: number;
  readonly value: JsonValue;
}

const line = ({ bucket, device, stream, ts, value }: ModelReading) =>
  [bucket, String(ts).padStart(15, '0'), device, stream, canonicalJson(value)].join(' ');

/** A reading a line, without doubles, in order. */
export const linesOf = (readings: Iterable<ModelReading>): string[] => [...new Set([...readings].map(line))].sort();

export interface Wanted {
  readonly bucket: string;
  readonly device?: string | undefined;
  readonly from?: number;
  readonly to?: number;
  readonly order?: 'asc' | 'desc';
}

export const YEAR_9999 = Date.UTC(9999, 0);

/** What the store holds; throws where a chunk's bound isn't kept by what follows. */
export async function storedLines(session: AccountSession, product: string, wanted: Wanted): Promise<string[]> {
  const { bucket, device, from = 0, to = YEAR_9999, order = 'asc' } = wanted;
  const found: ModelReading[] = [];
  let bound = order === 'asc' ? from : to;
  for await (const chunk of readDays(session, { bucket, products: [product], device, from, to, order })) {
    for (const { device: sender, stream, rows } of chunk.groups) {
      for (const { ts, value } of rows) {
        const kept = order === 'asc' ? ts >= bound : ts < bound;
        if (!kept) throw new Error(`${dayOf(ts)} comes after a bound of ${dayOf(bound)}.`);
        found.push({ bucket, device: sender, stream, ts, value });
      }
    }
    bound = chunk.bound;
  }
  return linesOf(found);
}
