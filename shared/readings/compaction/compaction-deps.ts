/** What compaction works with. */
import type { AccountSession } from '../../platform/account-session.ts';
import type { Now } from '../../platform/clock.ts';

export interface CompactionDeps {
  readonly session: (account: string) => AccountSession;
  readonly now: Now;
  /** Mints ULIDs of the given time. */
  readonly newBlockId: (at: number) => string;
  readonly newOwner: () => string;
  /** Days of which fresh blocks were read, and bundles written: their keys may go two days later. */
  readonly dayClosed: (of: { account: string; product: string; day: string }) => Promise<void>;
  /** Once a day: whatever key of the product, or of its account, has lost one of its two copies gets it back. */
  readonly healKeys: (session: AccountSession, product: string) => Promise<void>;
  /** A day is open: the product is to be compacted again when it has closed. */
  readonly dayOpened: (of: { account: string; product: string; day: string }) => Promise<void>;
}

/** The product that is being compacted, under the lease that the run holds. */
export interface Scope {
  readonly deps: CompactionDeps;
  readonly session: AccountSession;
  readonly product: string;
}
