/** Readings out of blocks, each once, in the order of time: what was delivered twice, or stands in two blocks, counts once. Pure. */
import type { Group, Row } from '../codec/block.ts';
import { hashOf } from '../page-collector.ts';

export interface Series {
  readonly device: string;
  readonly stream: string;
  readonly rows: readonly Row[];
}

/** Readings of the same time are in the order of pages. */
export function distinctRows(groups: readonly Group[]): Series[] {
  const byStream = Map.groupBy(groups, ({ device, stream }) => `${device} ${stream}`);
  return [...byStream.values()].map((all) => {
    const { device, stream } = all[0] as Group;
    return {
      device,
      stream,
      rows: distinct(all.length === 1 ? (all[0] as Group).rows : all.flatMap(({ rows }) => rows)),
    };
  });
}

function distinct(rows: readonly Row[]): readonly Row[] {
  if (rows.every((row, i) => i === 0 || (rows[i - 1] as Row).ts < row.ts)) return rows;
  const sorted = rows.toSorted((a, b) => a.ts - b.ts);
  const result: Row[] = [];
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    const { ts } = sorted[start] as Row;
    while (sorted[end]?.ts === ts) end += 1;
    if (end - start === 1) result.push(sorted[start] as Row);
    else result.push(...distinctValues(sorted.slice(start, end)));
  }
  return result;
}

/** Of rows of the same time, those of different values. */
function distinctValues(rows: readonly Row[]): readonly Row[] {
  // The usual case, told without hashing: one reading, delivered twice.
  const text = JSON.stringify(rows[0]?.value);
  if (rows.every(({ value }) => JSON.stringify(value) === text)) return rows.slice(0, 1);
  const byHash = new Map<string, Row>();
  for (const row of rows) {
    const hash = hashOf(row.value);
    if (!byHash.has(hash)) byHash.set(hash, row);
  }
  return [...byHash].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
