/**
 * The LevelDB folder. A change is staged in memory and committed as one LevelDB batch, so that an item, its index
 * entries and a transaction's other items are on disk together or not at all, also after kill -9.
 */
import { readdirSync } from 'node:fs';
import type { Place } from '../../contract.ts';
import { db, type Item, type Level, type Table, type Write } from './dynalite.ts';

/** Writes that are not on disk yet, by key. Later reads of the same change see them. */
export type Staged = Map<string, Write>;

export interface Store extends Place {
  readonly level: Level;
  /** Runs one change after another: conditions are checked against what the change before has committed. */
  exclusive<T>(change: () => Promise<T>): Promise<T>;
  commit(staged: Staged): Promise<void>;
  table(name: string): Promise<Table | undefined>;
  /** Key and value of everything whose key starts with `prefix`, as of the moment of the call. */
  entries(prefix: string): AsyncIterable<[string, unknown]>;
  close(): Promise<void>;
}

export const tableKey = (table: string) => `table~${table}`;
export const itemPrefix = (table: string) => `item-${table}~`;
export const indexPrefix = (kind: string, table: string, index = '') =>
  `index-${kind.toLowerCase()}~${table}~${index}${index && '~'}`;

/** Every key is ASCII; this one sorts behind all of a prefix. */
const AFTER = '\xff';
export const rangeOf = (prefix: string) => ({ gte: prefix, lt: prefix + AFTER });

export async function openStore(dir: string, { account, region }: Place): Promise<Store> {
  const damaged = (reason: string, cause?: unknown) =>
    new Error(`DynamoDB's data in ${dir} can't be read (${reason}); start with --fresh to begin again without it`, {
      cause,
    });
  // LevelDB takes a folder without CURRENT for a new one and deletes what it finds there.
  const files = readdirSync(dir);
  if (!files.includes('CURRENT') && files.some((file) => /\.(ldb|log)$|^MANIFEST/.test(file))) {
    throw damaged('its file CURRENT is missing');
  }
  const { db: level } = db.create({ path: dir });
  try {
    await level.open();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED') {
      throw new Error(`DynamoDB's data in ${dir} is in use by another process`, { cause });
    }
    throw damaged(cause instanceof Error ? cause.message : String(cause), error);
  }

  async function* entries(prefix: string) {
    yield* level.iterator(rangeOf(prefix));
  }
  const table = async (name: string) => level.getSync(tableKey(name)) as Table | undefined;

  try {
    for await (const [key, value] of entries(tableKey(''))) {
      if (!value || typeof value !== 'object' || !('KeySchema' in value)) throw new Error(`${key} is no table`);
    }
  } catch (error) {
    await level.close();
    throw damaged(error instanceof Error ? error.message : String(error), error);
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    account,
    region,
    level,
    entries,
    table,
    exclusive(change) {
      const result = last.then(change);
      last = result.catch(() => undefined);
      return result;
    },
    async commit(staged) {
      if (staged.size > 0) await level.batch([...staged.values()]);
    },
    async close() {
      await last;
      await level.close();
    },
  };
}

export async function readItem(store: Store, table: Table, item: Item): Promise<Item | undefined> {
  return store.level.getSync(itemPrefix(table.TableName) + db.createKey(item, table)) as Item | undefined;
}
