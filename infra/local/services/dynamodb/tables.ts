/** Tables: create, describe, list, delete, and give an existing one the indexes of a changed template. */
import { randomUUID } from 'node:crypto';
import { AwsError, type Clock } from '../../contract.ts';
import { act, check } from './actions.ts';
import { db, type Index, type Input, type Item, type Table } from './dynalite.ts';
import { resourceNotFound } from './errors.ts';
import { indexPrefix, itemPrefix, type Staged, type Store, tableKey } from './store.ts';
import { describedSettings, settingsKey, settingsOf } from './table-settings.ts';
import { viewOf } from './view.ts';

export async function requireTable(store: Store, name: string): Promise<Table> {
  const table = await store.table(name);
  if (!table) throw resourceNotFound(`Requested resource not found: Table: ${name} not found`);
  return table;
}

export const describeTable = async (store: Store, name: string) => ({
  ...(await requireTable(store, name)),
  ...describedSettings(await settingsOf(store, name)),
});

export async function listTables(store: Store, after: string, limit: number) {
  const names: string[] = [];
  for await (const [key] of store.entries(tableKey(''))) names.push(key.slice(tableKey('').length));
  const rest = names.filter((name) => name > after);
  const TableNames = rest.slice(0, limit);
  return { TableNames, ...(rest.length > limit && { LastEvaluatedTableName: TableNames.at(-1) }) };
}

/** The table is there, active, when this returns. */
export function createTable(store: Store, clock: Clock, input: Input): Promise<Table> {
  return store.exclusive(async () => {
    const staged: Staged = new Map();
    const checked = check('CreateTable', input);
    await act(store, 'CreateTable', checked, staged);
    const write = staged.get(tableKey(checked.TableName));
    if (write?.type !== 'put') throw new Error('dynalite described no table');
    // dynalite marks the table active by a timer of its own: a kill in between would leave it in creation for ever.
    const described = structuredClone(write.value as Table);
    const table = {
      ...described,
      TableId: randomUUID(),
      TableStatus: 'ACTIVE',
      CreationDateTime: clock.now() / 1000,
      ...(described.GlobalSecondaryIndexes && { GlobalSecondaryIndexes: described.GlobalSecondaryIndexes.map(active) }),
    };
    await store.level.batch([{ type: 'put', key: tableKey(table.TableName), value: table }]);
    return table;
  });
}

const active = (index: Index) => ({ ...index, IndexStatus: 'ACTIVE' });

export function deleteTable(store: Store, name: string): Promise<Table> {
  return store.exclusive(async () => {
    const table = await requireTable(store, name);
    if ((await settingsOf(store, name)).deletionProtection) {
      throw new AwsError(
        'ValidationException',
        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
      );
    }
    const staged: Staged = new Map();
    const remove = (key: string) => staged.set(key, { type: 'del', key });
    for (const prefix of [itemPrefix(name), indexPrefix('global', name), indexPrefix('local', name)]) {
      for await (const [key] of store.entries(prefix)) remove(key);
    }
    remove(tableKey(name));
    remove(settingsKey(name));
    await store.commit(staged);
    return { ...table, TableStatus: 'DELETING' };
  });
}

/** Replaces the global indexes and fills them from the items, in one batch. */
export function replaceIndexes(store: Store, name: string, described: Table): Promise<Table> {
  return store.exclusive(async () => {
    const { GlobalSecondaryIndexes: _old, ...before } = await requireTable(store, name);
    const indexes = described.GlobalSecondaryIndexes?.map((index) => ({
      ...active(index),
      IndexArn: `${before.TableArn}/index/${index.IndexName}`,
    }));
    const table: Table = {
      ...before,
      AttributeDefinitions: described.AttributeDefinitions,
      ...(indexes && { GlobalSecondaryIndexes: indexes }),
    };
    const staged: Staged = new Map();
    for await (const [key] of store.entries(indexPrefix('global', name))) staged.set(key, { type: 'del', key });
    for await (const [, item] of store.entries(itemPrefix(name))) {
      await new Promise<void>((resolve, reject) => {
        const view = viewOf(store, staged, reject);
        db.updateIndexes(view, table, null, item as Item, (error) => (error ? reject(error) : resolve()));
      });
    }
    staged.set(tableKey(name), { type: 'put', key: tableKey(name), value: table });
    await store.commit(staged);
    return table;
  });
}
