/** Blocks of one device in order of time, a span at a time. */
import type { AccountSession } from '../../platform/account-session.ts';
import { openBlock, queryBlocks, readSpan, type StoredBlock } from './block-store.ts';
import type { BlockOwner } from './block-keys.ts';
import { AFTER_PIECES, dayOf, endOf, hourOf, isHour, startOf } from './spans.ts';
import type { StreamRows } from './stream-rows.ts';

export interface SpanChunk {
  readonly owner: BlockOwner;
  readonly rows: readonly StreamRows[];
  /** Epoch ms: nothing in later chunks of this owner lies before it (asc), or at or after it (desc). */
  readonly bound: number;
}

export interface TimeRange {
  /** Inclusive, epoch ms. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Who asks for the newest reading alone reads little; who goes on reads whole pages. */
const FIRST_PAGE = 2;

const spanOf = ({ sk }: StoredBlock) => sk.split('.')[0] ?? sk;

const chunkOf = async (session: AccountSession, blocks: readonly StoredBlock[], owner: BlockOwner, bound: number) => {
  const opened = await Promise.all(blocks.map((block) => openBlock(session, block)));
  return { owner, rows: opened.flat(), bound };
};

/** The hours, and the whole days, of a range: keys from the first to the last, both inclusive. */
const keysOf = ({ from, to }: TimeRange) => ({ from: hourOf(from), to: hourOf(to - 1) + AFTER_PIECES });

async function* forward(session: AccountSession, owner: BlockOwner, range: TimeRange): AsyncGenerator<SpanChunk> {
  // The day block of the first day sorts before the hours that are wanted.
  const first = await readSpan(session, owner, dayOf(range.from));
  if (first.length > 0) yield chunkOf(session, first, owner, startOf(hourOf(range.from)));
  for await (const block of queryBlocks(session, owner, keysOf(range))) {
    const span = spanOf(block);
    // Pieces follow each other; a day block's readings may lie anywhere in its day.
    yield chunkOf(session, [block], owner, startOf(span));
  }
}

async function* back(session: AccountSession, owner: BlockOwner, range: TimeRange): AsyncGenerator<SpanChunk> {
  let day = '';
  const dayBlock = async function* (of: string, bound: number) {
    const blocks = await readSpan(session, owner, of);
    if (blocks.length > 0) yield await chunkOf(session, blocks, owner, bound);
  };
  const keys = { ...keysOf(range), order: 'desc' as const };
  for await (const block of pagesOf(session, owner, keys)) {
    const span = spanOf(block);
    // Its own day block comes later by its key, and may hold what is newer.
    if (span.slice(0, 10) !== day) {
      day = span.slice(0, 10);
      yield* dayBlock(day, endOf(isHour(span) ? span : day));
    }
    if (isHour(span)) yield chunkOf(session, [block], owner, endOf(span));
  }
  const firstDay = dayOf(range.from);
  if (firstDay !== day) yield* dayBlock(firstDay, startOf(firstDay));
}

/** The first page is small. */
async function* pagesOf(session: AccountSession, owner: BlockOwner, keys: { from: string; to: string; order: 'desc' }) {
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

/** Rows aren't cut to the range: a block may hold others of its span. */
export const readDevice = (
  session: AccountSession,
  owner: BlockOwner,
  { order, ...range }: TimeRange & { order: 'asc' | 'desc' },
): AsyncGenerator<SpanChunk> => (order === 'asc' ? forward(session, owner, range) : back(session, owner, range));
