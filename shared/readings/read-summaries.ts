/** What an aggregation reads: day summaries where they serve and the store has them, else readings. */
import type { AccountSession } from '../platform/account-session.ts';
import type { Item } from './aggregate/row-collector.ts';
import type { Order } from './page-collector.ts';
import { type ReadingSource, readDays } from './read-days.ts';

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
  for await (const { groups, bound } of readDays(session, source)) yield { items: [{ kind: 'rows', groups }], bound };
}
