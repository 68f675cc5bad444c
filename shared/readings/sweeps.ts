/** Every live store of readings, in the order in which a deletion sweeps them: readings move from the first to the second. */
import type { AccountSession } from '../platform/account-session.ts';
import type { SweepPage } from './delete-range.ts';
import { renewExpiries } from './renew-expiries.ts';
import { sweepBlocks } from './sweep-blocks.ts';
import { sweepPending } from './sweep-pending.ts';

/** Sweeps a page of one store of a product's readings; answers where the next page begins, if there is one. */
export interface Sweep {
  readonly name: string;
  sweep(session: AccountSession, product: string, page: SweepPage): Promise<string | undefined>;
}

/** Each page is seconds of work, and may be swept twice. */
export const SWEEPS: readonly Sweep[] = [
  { name: 'sweep fresh blocks and bundles', sweep: sweepPending },
  { name: 'sweep blocks', sweep: sweepBlocks },
];

/** Of a bucket whose retention has changed. What is merged later expires by the new one. */
export const EXPIRIES: readonly Sweep[] = [
  {
    name: 'renew expiries',
    async sweep(session, product, { range: { bucket }, after }) {
      return bucket === undefined ? undefined : renewExpiries(session, { product, bucket }, after);
    },
  },
];
