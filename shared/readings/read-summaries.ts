/** What an aggregation reads: day summaries where they serve and are exact, else readings. */
import type { AccountSession } from '../platform/account-session.ts';
import type { Item } from './aggregate/row-collector.ts';
import { readCatalogs } from './blocks/catalog-store.ts';
import type { TimeRange } from './blocks/hour-slices.ts';
import { DAY_MS, dayOf, endOf, startOf } from './blocks/spans.ts';
import { getSummaries, querySummaries, type StoredSummary } from './blocks/summary-store.ts';
import { mergeProducts } from './merge-products.ts';
import type { Order } from './page-collector.ts';
import { type Pending, readPending } from './pending-readings.ts';
import { type ReadingSource, rangeOf, readSlices } from './read-days.ts';

export interface SummarySource extends ReadingSource {
  readonly order: Order;
  /** Whether a summary of this UTC day (epoch ms of its beginning) may stand for its readings. */
  readonly serves: (day: number) => boolean;
}

/** Of each device, all of a slice of time; `bound` is as in a DayChunk. */
export interface SummaryChunk {
  readonly items: readonly Item[];
  readonly bound: number;
}

export async function* readSummaries(session: AccountSession, source: SummarySource): AsyncGenerator<SummaryChunk> {
  const range = rangeOf(source, source.order);
  if (range.from >= range.to) return;
  const products = source.products.map((product) => readProduct(session, product, source, range));
  yield* mergeProducts(products, source.order);
}

/** A day that is closed, with what summaries there are of it; none of a day that is read in any case. */
interface ClosedDay {
  readonly day: string;
  readonly summaries: readonly StoredSummary[];
}

async function* readProduct(
  session: AccountSession,
  product: string,
  source: SummarySource,
  range: TimeRange,
): AsyncGenerator<SummaryChunk> {
  const { bucket, device, stream } = source;
  const pending = await readPending(session, product, { bucket, device, stream, ...range });
  const rows = async function* (of: TimeRange): AsyncGenerator<SummaryChunk> {
    const slices = readSlices(session, product, { bucket, device, stream, range: of, pending: pending.groups });
    for await (const { groups, bound } of slices) yield { items: [{ kind: 'rows', groups }], bound };
  };
  const asc = range.order === 'asc';
  // Days after the last closed one have no summaries: they are read as they come.
  const openFrom = pending.closed === '' ? 0 : endOf(pending.closed);
  const open = { ...range, from: Math.max(range.from, openFrom) };
  if (!asc) yield* rows(open);
  const closed = { ...range, to: Math.min(range.to, openFrom) };
  if (closed.from < closed.to) {
    for await (const { day, summaries } of closedDays(session, product, { source, range: closed, pending })) {
      const bound = asc ? endOf(day) : startOf(day);
      const whole = summaries.flatMap(({ summary }): Item[] => (summary ? [{ kind: 'summary', summary }] : []));
      if (summaries.length > 0 && whole.length === summaries.length) yield { items: whole, bound };
      else {
        const part = {
          from: Math.max(closed.from, startOf(day)),
          to: Math.min(closed.to, endOf(day)),
          order: range.order,
        };
        yield* rows(part);
      }
    }
  }
  if (asc) yield* rows(open);
}

/** Days in order: those with blocks, and those of which something is pending, which no summary holds. */
async function* closedDays(
  session: AccountSession,
  product: string,
  { source, range, pending }: { source: SummarySource; range: TimeRange; pending: Pending },
): AsyncGenerator<ClosedDay> {
  const asc = range.order === 'asc';
  const waiting = [...pendingDays(pending, range)].sort((a, b) => (a < b === asc ? -1 : 1));
  for await (const { day, summaries } of storedDays(session, product, source, range)) {
    while (waiting[0] !== undefined && (asc ? waiting[0] < day : waiting[0] > day)) {
      yield { day: waiting.shift() as string, summaries: [] };
    }
    if (waiting[0] === day) yield { day: waiting.shift() as string, summaries: [] };
    else yield { day, summaries };
  }
  for (const day of waiting) yield { day, summaries: [] };
}

function pendingDays({ groups }: Pending, { from, to }: TimeRange): Set<string> {
  const days = new Set<number>();
  for (const { rows } of groups)
    for (const { ts } of rows) if (ts >= from && ts < to) days.add(Math.floor(ts / DAY_MS));
  return new Set([...days].map((day) => dayOf(day * DAY_MS)));
}

async function* storedDays(
  session: AccountSession,
  product: string,
  { bucket, device, serves }: SummarySource,
  range: TimeRange,
): AsyncGenerator<ClosedDay> {
  const days = { from: dayOf(range.from), to: dayOf(range.to - 1), order: range.order };
  const usable = (day: string, summaries: readonly StoredSummary[]) => ({
    day,
    summaries: serves(startOf(day)) ? summaries : [],
  });
  if (device !== undefined) {
    const owner = { product, bucket, device };
    for await (const summary of querySummaries(session, owner, days)) yield usable(summary.day, [summary]);
    return;
  }
  for await (const { day, catalog } of readCatalogs(session, { product, bucket }, days)) {
    const owners = [...catalog.keys()].map((one) => ({ product, bucket, device: one }));
    yield usable(day, serves(startOf(day)) ? await getSummaries(session, owners, day) : []);
  }
}
