/** What each account has collected, as ingest sees it: read again only when the account's version says so. */
import type { AccountSession } from '../platform/account-session.ts';
import { collects } from './bucket.ts';
import { buckets, type Instruction } from './bucket-store.ts';

type Clients = Pick<AccountSession, 'account' | 'db' | 'tables'>;

/** The buckets that collect what this device sends. */
export type Collectors = (from: { product: string; device: string; stream: string }) => string[];

/** One consistent read per account and batch: a bucket collects from the moment its `POST` has answered. */
export function instructionCache() {
  const known = new Map<string, { version: number; instructions: Instruction[] }>();
  return async (clients: Clients): Promise<Collectors> => {
    const version = await buckets.version(clients);
    let entry = known.get(clients.account);
    if (entry?.version !== version) {
      entry = { version, instructions: await buckets.instructions(clients) };
      known.set(clients.account, entry);
    }
    const { instructions } = entry;
    return (from) => instructions.filter(({ source }) => collects(source, from)).map(({ id }) => id);
  };
}

/** Of all buckets of the account. */
export const bucketIds = async (clients: Clients): Promise<string[]> =>
  (await buckets.instructions(clients)).map(({ id }) => id);
