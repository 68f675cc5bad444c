/** Blocks of one device, hour by hour. A day block is read before the hours of its day, and given out with them. */
import { unlessDestroyed } from '../../keyring/keyring-errors.ts';
import type { AccountSession } from '../../platform/account-session.ts';
import type { Group } from '../codec/block.ts';
import type { BlockOwner } from './block-keys.ts';
import { openBlock, queryBlocks, readSpan, type StoredBlock } from './block-store.ts';
import { type HourSlice, sliceByHour, type TimeRange } from './hour-slices.ts';
import { AFTER_PIECES, dayOf, hourOf, isHour, startOf } from './spans.ts';

/** Who asks for the newest reading alone reads little; who goes on reads whole pages. */
const FIRST_PAGE = 2;

const dayIn = (sk: string) => sk.slice(0, 10);
const spanIn = (sk: string) => sk.split('.')[0] ?? sk;

async function open(session: AccountSession, blocks: readonly StoredBlock[]): Promise<Group[]> {
  const opened = await Promise.all(
    blocks.map(async (block) => {
      const { bucket, device } = block.owner;
      const streams = (await unlessDestroyed(openBlock(session, block))) ?? [];
      return streams.map((rows) => ({ device, buckets: [bucket], ...rows }));
    }),
  );
  return opened.flat();
}

/** Forward from the beginning of a day, its day block comes first of all. */
const beginsDay = ({ from, order }: TimeRange) => order === 'asc' && startOf(dayOf(from)) === from;

/** Blocks in the order of their keys, in which those of a day are together. */
async function* blocksOf(session: AccountSession, owner: BlockOwner, range: TimeRange): AsyncGenerator<StoredBlock> {
  const { order } = range;
  const from = beginsDay(range) ? dayOf(range.from) : hourOf(range.from);
  const keys = { from, to: hourOf(range.to - 1) + AFTER_PIECES, order };
  if (order === 'asc') return yield* queryBlocks(session, owner, keys);
  let last: string | undefined;
  let count = 0;
  for await (const block of queryBlocks(session, owner, { ...keys, pageSize: FIRST_PAGE })) {
    yield block;
    last = block.sk;
    count += 1;
    if (count === FIRST_PAGE) break;
  }
  if (count < FIRST_PAGE || last === undefined) return;
  for await (const block of queryBlocks(session, owner, { ...keys, to: last })) if (block.sk !== last) yield block;
}

export async function* readDevice(
  session: AccountSession,
  owner: BlockOwner,
  range: TimeRange,
): AsyncGenerator<HourSlice> {
  const asc = range.order === 'asc';
  const seen = new Set<string>();
  let day = '';
  /** Pieces of the day's block. */
  let ofDay: StoredBlock[] = [];
  /** Of the day, what is not given out yet. */
  let rest: HourSlice[] = [];
  let span = '';
  let hour: StoredBlock[] = [];

  async function* giveHour(): AsyncGenerator<HourSlice> {
    if (hour.length === 0) return;
    const [slice] = sliceByHour(await open(session, hour), range);
    hour = [];
    if (!slice) return;
    while (rest[0] && (asc ? rest[0].hour < slice.hour : rest[0].hour > slice.hour)) yield rest.shift() as HourSlice;
    const same = rest[0]?.hour === slice.hour ? rest.shift() : undefined;
    yield same ? { hour: slice.hour, groups: [...same.groups, ...slice.groups] } : slice;
  }
  async function openDay() {
    if (ofDay.length === 0) return;
    rest = sliceByHour(await open(session, ofDay), range);
    ofDay = [];
  }
  async function* endDay(): AsyncGenerator<HourSlice> {
    await openDay();
    yield* giveHour();
    yield* rest;
    rest = [];
  }
  /** Back in time, a day's block comes after its hours: it is asked for. */
  async function beginDay(of: string) {
    day = of;
    seen.add(of);
    ofDay = await readSpan(session, owner, of);
  }

  const first = dayOf(range.from);
  if (asc && !beginsDay(range)) await beginDay(first);
  for await (const block of blocksOf(session, owner, range)) {
    if (dayIn(block.sk) !== day) {
      yield* endDay();
      if (asc) day = dayIn(block.sk);
      else await beginDay(dayIn(block.sk));
    }
    if (!isHour(spanIn(block.sk))) {
      if (asc) ofDay.push(block);
      continue;
    }
    await openDay();
    if (spanIn(block.sk) !== span) {
      yield* giveHour();
      span = spanIn(block.sk);
    }
    hour.push(block);
  }
  yield* endDay();
  if (!asc && !seen.has(first)) {
    await beginDay(first);
    yield* endDay();
  }
}
