/** What the sweeper hands over, done: a product is compacted, or its key of a day that is long over is destroyed. */
import { parseJson } from '../../platform/json-value.ts';
import { count, errorFields, log } from '../../platform/log.ts';
import type { Delivery } from '../../platform/sqs-batch.ts';
import { type Due, putDue, slotAt, type WorkTable } from '../../work/due.ts';
import { dueMessage } from '../../work/hand-over.ts';
import { DAY_MS, endOf, HOUR_MS } from '../blocks/spans.ts';
import { compactProduct } from './compact-product.ts';
import type { CompactionDeps } from './compaction-deps.ts';
import { readCompaction } from './compaction-store.ts';

/** A function has five minutes; an hour of a large product may take one of them. */
const WORK_MS = 3.5 * 60_000;
/** From the end of a day to the end of its key: as long as somebody may still look into the day's fresh blocks. */
const KEY_LIFE_MS = 2 * DAY_MS;

export interface CompactDueDeps extends Omit<CompactionDeps, 'dayClosed' | 'dayOpened'> {
  readonly work: WorkTable;
}

interface OfDay {
  readonly account: string;
  readonly product: string;
  readonly day: string;
}

/** What compaction leaves to a later time. */
export const putOff = ({ work, now }: Pick<CompactDueDeps, 'work' | 'now'>) => {
  /** Whoever is days late finds the slot long swept: nobody looks into it any more. */
  const slotFrom = (at: number) => slotAt(Math.max(at, now()));
  return {
    dayOpened: ({ day, ...of }: OfDay) => putDue(work, { kind: 'compaction', ...of }, slotFrom(endOf(day))),
    dayClosed: ({ day, ...of }: OfDay) =>
      putDue(work, { kind: 'day-key', ...of, day }, slotFrom(endOf(day) + KEY_LIFE_MS)),
  };
};

export function compactDue(deps: CompactDueDeps) {
  const { work, now } = deps;
  const compact = compactProduct({ ...deps, ...putOff(deps) });

  async function run({ kind, account, product, day }: Due): Promise<void> {
    if (kind === 'day-key' && day !== undefined) return endDayKey({ account, product, day });
    const outcome = await compact({ account, product, deadline: now() + WORK_MS });
    // Whoever is at it, or ran out of time, leaves the rest to a next run: this hour's, or the next one's.
    if (outcome === 'more') await putDue(work, { kind: 'compaction', account, product }, slotAt(now() - HOUR_MS + 1));
    if (outcome === 'busy') await putDue(work, { kind: 'compaction', account, product }, slotAt(now()));
  }

  async function endDayKey({ account, product, day }: OfDay): Promise<void> {
    const session = deps.session(account);
    const { closed } = await readCompaction(session, product);
    // What isn't merged yet needs its key.
    if (closed < day) return putDue(work, { kind: 'day-key', account, product, day }, slotAt(now() + HOUR_MS));
    await session.keys.destroy({ product, day });
  }

  function tell(error: unknown): void {
    log('error', 'A product could not be compacted; it comes again.', errorFields(error));
    count(now(), { CompactionsFailed: 1 });
  }

  /** One message at a time. What fails is due again in the next hour: for as long as it takes, where a queue gives up. */
  return async (deliveries: readonly Delivery[]): Promise<{ failed: string[] }> => {
    const failed: string[] = [];
    for (const { messageId, body } of deliveries) {
      try {
        const { day, ...of } = dueMessage.parse(parseJson(body));
        const due = day === undefined ? of : { ...of, day };
        await run(due).catch(async (error: unknown) => {
          tell(error);
          await putDue(work, due, slotAt(now()));
        });
      } catch (error) {
        tell(error);
        failed.push(messageId);
      }
    }
    return { failed };
  };
}
