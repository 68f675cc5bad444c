/** Removes expired items some time after they expired, as AWS does; until then reads show them. */
import type { Clock } from '../../contract.ts';
import { act, check } from './actions.ts';
import type { AttributeValue, Item, Table } from './dynalite.ts';
import { itemPrefix, readItem, type Staged, type Store, tableKey } from './store.ts';
import { settingsOf } from './table-settings.ts';
import { forgetTokens } from './transact-write.ts';

/** Long enough that a reader which forgets to filter expired items is found out by a test that waits. */
const GRACE_SECONDS = 60;
/** AWS leaves alone what expired longer ago: such a number is more likely a mistake than a date. */
const OLDEST_SECONDS = 5 * 365 * 86_400;

function expired(item: Item, attribute: string, now: number): boolean {
  const value: AttributeValue | undefined = item[attribute];
  if (typeof value?.N !== 'string') return false;
  const age = Math.floor(now / 1000) - Number(value.N);
  return age >= GRACE_SECONDS && age < OLDEST_SECONDS;
}

/** Deletes what has expired in every table; answers how many items that were. */
export async function reap(store: Store, clock: Clock): Promise<number> {
  let removed = 0;
  for await (const [, value] of store.entries(tableKey(''))) {
    const table = value as Table;
    const { timeToLive } = await settingsOf(store, table.TableName);
    if (timeToLive) removed += await reapTable(store, table, timeToLive, clock.now());
  }
  await store.exclusive(() => forgetTokens(store, clock.now()));
  return removed;
}

async function reapTable(store: Store, table: Table, attribute: string, now: number): Promise<number> {
  let removed = 0;
  for await (const [, value] of store.entries(itemPrefix(table.TableName))) {
    const item = value as Item;
    if (!expired(item, attribute, now)) continue;
    const Key = Object.fromEntries(table.KeySchema.map(({ AttributeName: name }) => [name, item[name]]));
    await store.exclusive(async () => {
      // The loop reads a snapshot: a write may have prolonged the item since.
      const current = await readItem(store, table, item);
      if (!current || !expired(current, attribute, now)) return;
      const staged: Staged = new Map();
      await act(store, 'DeleteItem', check('DeleteItem', { TableName: table.TableName, Key }), staged);
      await store.commit(staged);
      removed += 1;
    });
  }
  return removed;
}
