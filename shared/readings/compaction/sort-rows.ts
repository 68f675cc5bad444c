/** Which rows of fresh blocks go where: into an hour block of their own, or into a bundle that waits for the day to close. Pure. */
import type { StreamRows } from '../blocks/stream-rows.ts';
import type { Group, Row } from '../codec/block.ts';

/**
 * Readings of one device in one hour and bucket from which they get an hour block. Fewer fill no write unit of their own: they wait
 * for the day block, bundled with those of other devices.
 */
export const HOUR_BLOCK_FROM = 100;

/** Rows of one bucket and device in one span. */
export interface SpanRows {
  readonly bucket: string;
  readonly device: string;
  readonly span: string;
  readonly rows: readonly StreamRows[];
}

/** Lists by a path of texts. */
function tree() {
  const nodes = new Map<string, { path: readonly string[]; rows: Row[] }>();
  return {
    at(...path: string[]): Row[] {
      const key = path.join(' ');
      const node = nodes.get(key) ?? { path, rows: [] };
      nodes.set(key, node);
      return node.rows;
    },
    nodes: () => nodes.values(),
  };
}

/** Rows by bucket, device, span and stream; a reading that several buckets collect is in each. `spanOf`: the span of a time. */
export function rowsBySpan(groups: Iterable<Group>, spanOf: (ts: number) => string): SpanRows[] {
  const leaves = tree();
  for (const { device, stream, buckets, rows } of groups) {
    for (const bucket of buckets) {
      let [span, leaf]: [string, Row[]] = ['', []];
      for (const row of rows) {
        const at = spanOf(row.ts);
        if (at !== span) [span, leaf] = [at, leaves.at(bucket, device, at, stream)];
        leaf.push(row);
      }
    }
  }
  const spans = new Map<string, { bucket: string; device: string; span: string; rows: StreamRows[] }>();
  for (const { path, rows } of leaves.nodes()) {
    const [bucket = '', device = '', span = '', stream = ''] = path;
    const key = `${bucket} ${device} ${span}`;
    const found = spans.get(key) ?? { bucket, device, span, rows: [] };
    spans.set(key, found);
    found.rows.push({ stream, rows });
  }
  return [...spans.values()];
}

/** What is worth an hour block, and the groups of the rest: with the buckets that have no hour block for them. */
export function partHours(hours: readonly SpanRows[]): { full: SpanRows[]; rest: Group[] } {
  const full: SpanRows[] = [];
  const rest = new Map<
    string,
    { device: string; stream: string; buckets: string[]; rows: Map<string, readonly Row[]> }
  >();
  for (const hour of hours) {
    const count = hour.rows.reduce((sum, { rows }) => sum + rows.length, 0);
    if (count >= HOUR_BLOCK_FROM) {
      full.push(hour);
      continue;
    }
    for (const { stream, rows } of hour.rows) {
      // Buckets that collect the same rows share them.
      const key = `${hour.device} ${hour.span} ${stream} ${rows.length}`;
      const found = rest.get(key) ?? { device: hour.device, stream, buckets: [], rows: new Map() };
      rest.set(key, found);
      found.rows.set(hour.bucket, rows);
    }
  }
  return { full, rest: [...rest.values()].flatMap(shareRows) };
}

/** One group for buckets with the very same rows, in the same order. */
function shareRows({
  device,
  stream,
  rows,
}: {
  device: string;
  stream: string;
  rows: Map<string, readonly Row[]>;
}): Group[] {
  const groups: { device: string; stream: string; buckets: string[]; rows: readonly Row[] }[] = [];
  for (const [bucket, own] of rows) {
    const same = groups.find((group) => group.rows.every((row, i) => row === own[i]));
    if (same) same.buckets.push(bucket);
    else groups.push({ device, stream, buckets: [bucket], rows: own });
  }
  return groups;
}
