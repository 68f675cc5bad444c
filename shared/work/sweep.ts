/**
 * The sweeper: every minute it hands what is due to the queue of the functions that do it. A row is removed once the queue has it:
 * what is handed over twice is done twice, which changes nothing.
 */
import type { Now } from '../platform/clock.ts';
import type { Due, WorkTable } from './due.ts';
import { slotAt } from './due.ts';
import { DUE_KINDS, type DueKind } from './work-keys.ts';
import { dueIn, firstSlot, removeDue, saveFirstSlot } from './work-store.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A block is named when its batch is written, half a minute at most before it stands: an hour is complete somewhat after its end. */
const GRACE_MS = 2 * MINUTE_MS;
/** Whoever puts something into a slot does so before it begins, or in it: an hour later nobody does. */
const SETTLED_MS = 2 * HOUR_MS;
/** As long as a fresh block lives: an instance that didn't sweep for long begins there. */
const LOOK_BACK_MS = 14 * 24 * HOUR_MS;

export interface SweepDeps {
  readonly work: WorkTable;
  /** Hands work over; throws where that failed, in whole or in part. */
  readonly hand: (due: readonly Due[]) => Promise<void>;
  readonly now: Now;
}

const startOf = (slot: string) => Date.parse(`${slot}:00:00Z`);

async function sweepKind({ work, hand, now }: SweepDeps, kind: DueKind): Promise<void> {
  const at = now();
  const stored = await firstSlot(work, kind);
  // The first sweep ever is a minute after the instance was made.
  const earliest = slotAt(at - (stored === undefined ? SETTLED_MS : LOOK_BACK_MS));
  const first = stored !== undefined && stored > earliest ? stored : earliest;
  let settled = first;
  for (let begin = startOf(first); begin + GRACE_MS <= at; begin += HOUR_MS) {
    const slot = slotAt(begin);
    for await (const rows of dueIn(work, kind, slot)) {
      await hand(rows.map(({ due }) => due));
      await removeDue(work, rows);
    }
    if (begin + SETTLED_MS <= at) settled = slotAt(begin + HOUR_MS);
  }
  if (settled !== stored) await saveFirstSlot(work, kind, settled);
}

export const sweep = (deps: SweepDeps) => async (): Promise<void> => {
  for (const kind of DUE_KINDS) await sweepKind(deps, kind);
};
