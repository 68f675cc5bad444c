/** The sweeper: what is due is handed over when it is due, and is there until the queue has it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type Due, putDue, slotAt, type WorkTable } from '../../../shared/work/due.ts';
import { sweep } from '../../../shared/work/sweep.ts';
import { DUE_KINDS } from '../../../shared/work/work-keys.ts';
import { saveFirstSlot } from '../../../shared/work/work-store.ts';
import { type MemoryDynamoDb, memoryDynamoDb } from '../../support/dynamodb/memory-dynamodb.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-11-28T06:30:00Z');
const due: Due = { kind: 'compaction', account: 'acc_a', product: 'prd_a' };

let database: MemoryDynamoDb;
let work: WorkTable;
let now: number;
let handed: Due[];
let refuses: boolean;
const hand = async (all: readonly Due[]) => {
  if (refuses) throw new Error('refused');
  handed.push(...all);
};
const run = () => sweep({ work, hand, now: () => now })();

beforeEach(async () => {
  database = memoryDynamoDb();
  work = { db: database.client, table: 'work' };
  now = START;
  handed = [];
  refuses = false;
  // The first sweep ever would look two weeks back.
  for (const kind of DUE_KINDS) await saveFirstSlot(work, kind, slotAt(START - 2 * HOUR));
});

describe('the sweeper', () => {
  it('hands over what is due two minutes after its slot began, once', async () => {
    await putDue(work, due, '2026-11-28T07');
    await putDue(work, due, '2026-11-28T07');
    await run();
    now = Date.parse('2026-11-28T07:01:59Z');
    await run();
    expect(handed).toEqual([]);
    now += 1000;
    await run();
    await run();
    expect(handed).toEqual([due]);
  });

  it('keeps what the queue refuses', async () => {
    await putDue(work, due, '2026-11-28T06');
    refuses = true;
    await expect(run()).rejects.toThrow('refused');
    refuses = false;
    now += 5 * HOUR;
    await run();
    expect(handed).toEqual([due]);
  });

  it('finds what was left behind by days without it, of every account and kind', async () => {
    await run();
    const all = Array.from({ length: 60 }, (_, n): Due => ({ ...due, account: `acc_${n}` }));
    for (const [n, one] of all.entries()) await putDue(work, one, slotAt(START + n * HOUR));
    const key: Due = { ...due, kind: 'day-key', day: '2026-11-28' };
    await putDue(work, key, slotAt(START + 40 * HOUR));
    now += 5 * 24 * HOUR;
    await run();
    expect(handed).toHaveLength(61);
    expect(handed).toEqual(expect.arrayContaining([...all, key]));
  });

  it('looks into few slots once it has caught up, and still into the one that may be added to', async () => {
    await run();
    now += 30 * HOUR;
    await run();
    database.resetTally();
    await run();
    expect(database.tally.queryPages).toBeLessThanOrEqual(2 * 4 * 3);
    await putDue(work, due, slotAt(now - HOUR + 1));
    await run();
    expect(handed).toEqual([due]);
  });
});
