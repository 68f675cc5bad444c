/**
 * The sweep of hour and day blocks, with the summaries of the days that it touches. Blocks that lie in the range as a whole are removed
 * unopened; so are those whose key was destroyed, which open for nobody.
 */
import { unlessDestroyed } from '../keyring/keyring-errors.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { Contention } from '../platform/transact.ts';
import type { BlockOwner } from './blocks/block-keys.ts';
import { deleteBlock, openBlock, putBlock, queryBlocks, readSpan, type StoredBlock } from './blocks/block-store.ts';
import { type DeviceDay, eachDeviceDay } from './blocks/each-device-day.ts';
import { dayOf, endOf, hourOf, startOf } from './blocks/spans.ts';
import { countRows, packRows, type StreamRows } from './blocks/stream-rows.ts';
import { deleteSummary, summaryVersion } from './blocks/summary-store.ts';
import { summariseDays } from './compaction/summarise-days.ts';
import type { ReadingRange, SweepPage } from './delete-range.ts';
import { rangeOf } from './read-days.ts';

/** Blocks of a device that a page takes at most. */
const PAGE = 200;
const TRIES = 20;

interface Place {
  readonly bucket: string;
  /** Of one device: the last block that is done. Of all: where the next page of days and devices begins. */
  readonly at: string;
}

const format = ({ bucket, at }: Place) => `${bucket} ${at}`;
const parse = (text: string): Place => {
  const [bucket = '', ...at] = text.split(' ');
  return { bucket, at: at.join(' ') };
};

/** Sweeps a page; answers where the next begins, if there is one. */
export async function sweepBlocks(
  session: AccountSession,
  product: string,
  { range, buckets, after }: SweepPage,
): Promise<string | undefined> {
  const place = after === undefined ? undefined : parse(after);
  for (const bucket of buckets) {
    if (place && bucket < place.bucket) continue;
    const at = place?.bucket === bucket ? place.at : undefined;
    const next =
      range.device === undefined
        ? await sweepBucket(session, { product, bucket }, range, at)
        : await sweepDevice(session, { product, bucket, device: range.device }, range, at);
    if (next !== undefined) return format({ bucket, at: next });
  }
  return undefined;
}

async function sweepDevice(session: AccountSession, owner: BlockOwner, range: ReadingRange, after: string | undefined) {
  const { from, to } = rangeOf(range, 'asc');
  const days = new Set<string>();
  let count = 0;
  let next: string | undefined;
  // From the day on, for its day block; whatever is outside of the range stays as it is.
  for await (const block of queryBlocks(session, owner, { from: after ?? dayOf(from), to: `${hourOf(to - 1)}~` })) {
    if (block.sk === after) continue;
    if (count === PAGE) break;
    count += 1;
    next = block.sk;
    if (await sweepBlock(session, block, range)) days.add(block.sk.slice(0, 10));
  }
  await renewSummaries(session, owner, days);
  return count === PAGE ? next : undefined;
}

function sweepBucket(
  session: AccountSession,
  of: { product: string; bucket: string },
  range: ReadingRange,
  after: string | undefined,
): Promise<string | undefined> {
  const { from, to } = rangeOf(range, 'asc');
  const days = { from: dayOf(from), to: dayOf(to - 1), after };
  return eachDeviceDay(session, of, days, (one) => sweepDay(session, one, range));
}

async function sweepDay(session: AccountSession, { owner, day, spans }: DeviceDay, range: ReadingRange): Promise<void> {
  let touched = false;
  for (const span of spans) {
    if (!overlaps(span, range)) continue;
    for (const block of (await readSpan(session, owner, span)).reverse()) {
      if (await sweepBlock(session, block, range)) touched = true;
    }
  }
  if (touched) await renewSummaries(session, owner, new Set([day]));
}

const spanIn = ({ sk }: StoredBlock) => sk.split('.')[0] ?? sk;
const overlaps = (span: string, { from = 0, to = Number.POSITIVE_INFINITY }: ReadingRange) =>
  startOf(span) < to && endOf(span) > from;
const holds = (span: string, { stream, from = 0, to = Number.POSITIVE_INFINITY }: ReadingRange) =>
  stream === undefined && startOf(span) >= from && endOf(span) <= to;

/** Whether anything was taken out. */
async function sweepBlock(session: AccountSession, first: StoredBlock, range: ReadingRange): Promise<boolean> {
  if (!overlaps(spanIn(first), range)) return false;
  let block: StoredBlock | undefined = first;
  for (let tries = 1; tries <= TRIES; tries++) {
    if (!block) return false;
    const streams = holds(spanIn(block), range) ? undefined : await unlessDestroyed(openBlock(session, block));
    if (!streams) {
      if (await deleteBlock(session, block)) return true;
    } else {
      const left = streams.map((one) => withoutRows(one, range)).filter(({ rows }) => rows.length > 0);
      if (countRows(left) === countRows(streams)) return false;
      if (await replace(session, block, left)) return true;
    }
    const { sk }: StoredBlock = block;
    block = (await readSpan(session, block.owner, spanIn(block))).find((one) => one.sk === sk);
  }
  throw new Contention(new Error('A block was changed by others all the time.'));
}

function withoutRows(
  { stream, rows }: StreamRows,
  { stream: only, from = 0, to = Number.POSITIVE_INFINITY }: ReadingRange,
) {
  if (only !== undefined && only !== stream) return { stream, rows };
  return { stream, rows: rows.filter(({ ts }) => ts < from || ts >= to) };
}

/** A piece that is left without rows stays where another piece of its span may stand: their numbers are places. */
async function replace(session: AccountSession, block: StoredBlock, streams: readonly StreamRows[]): Promise<boolean> {
  const { owner, sk, version: over, pieces, ttl } = block;
  const stands = streams.length > 0 || pieces > 0 || sk !== spanIn(block);
  if (!stands) return deleteBlock(session, block);
  return putBlock(session, owner, { sk, over, pieces, streams, body: packRows(streams), ttl });
}

/** Of days that have one: a day that is not closed yet has none. */
async function renewSummaries(session: AccountSession, owner: BlockOwner, days: ReadonlySet<string>): Promise<void> {
  for (const day of days) {
    if ((await summaryVersion(session, owner, day)) === 0) continue;
    const { bucket, device, product } = owner;
    const [left] = await Array.fromAsync(queryBlocks(session, owner, { from: day, to: `${day}~` }));
    if (left) await summariseDays(session, product, [{ bucket, device, day, ttl: left.ttl }]);
    else await deleteSummary(session, owner, day);
  }
}
