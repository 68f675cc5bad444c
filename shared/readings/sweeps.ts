/** Every live store of readings, in the order in which a deletion sweeps them: readings move from the first to the second. */
import type { AccountSession } from '../platform/account-session.ts';
import type { SweepPage } from './delete-range.ts';
import { sweepBlocks } from './sweep-blocks.ts';
import { sweepPending } from './sweep-pending.ts';

/** Sweeps a page of one store of a product's readings; answers where the next page begins, if there is one. */
type Sweep = (session: AccountSession, product: string, page: SweepPage) => Promise<string | undefined>;

/** Each page is seconds of work, and may be swept twice. */
export const SWEEPS: readonly { readonly name: string; readonly sweep: Sweep }[] = [
  { name: 'sweep fresh blocks and bundles', sweep: sweepPending },
  { name: 'sweep blocks', sweep: sweepBlocks },
];
