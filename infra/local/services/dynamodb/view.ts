/**
 * What dynalite's actions see as their store: reads find the staged writes first, writes are only staged. Every callback
 * runs under a guard, so that an exception inside dynalite rejects the one request and can't end the process.
 */
import { Stream } from 'node:stream';
import { type ActionStore, type Done, db, type Input, type SubDb, type Table } from './dynalite.ts';
import { resourceNotFound } from './errors.ts';
import { indexPrefix, itemPrefix, rangeOf, type Staged, type Store, tableKey } from './store.ts';

export const actionOptions = { maxItemSize: db.MAX_SIZE, createTableMs: 0 };

export function viewOf(store: Store, staged: Staged, fail: (error: unknown) => void): ActionStore {
  const answer = <T>(value: Promise<T>, done: Done<T>) => {
    value.then((found) => done(null, found), done).catch(fail);
  };

  const read = async (key: string): Promise<unknown> => {
    const write = staged.get(key);
    if (!write) return store.level.getSync(key);
    return write.type === 'put' ? write.value : undefined;
  };

  const subDb = (prefix: string): SubDb => ({
    // Changes run one after another (`Store.exclusive`): there is nothing left to lock.
    lock: (_key, critical) => critical((done) => done),
    get: (key, done) => answer(read(prefix + key), done),
    put(key, value, done) {
      staged.set(prefix + key, { type: 'put', key: prefix + key, value });
      answer(Promise.resolve(undefined), done);
    },
    del(key, done) {
      staged.set(prefix + key, { type: 'del', key: prefix + key });
      answer(Promise.resolve(undefined), done);
    },
    createValueStream: (range) => valueStream(store, prefix, range, fail),
  });

  const findTable = async (name: string, message?: string): Promise<Table> => {
    const table = await store.table(name);
    if (!table) throw resourceNotFound(message);
    return table;
  };

  return {
    options: actionOptions,
    tableDb: Object.assign(subDb(tableKey('')), { awsAccountId: store.account, awsRegion: store.region }),
    getTable(name, checkStatus, done) {
      answer(findTable(name), (typeof checkStatus === 'function' ? checkStatus : done) as Done<Table>);
    },
    getItemDb: (table) => subDb(itemPrefix(table)),
    getIndexDb: (kind, table, index) => subDb(indexPrefix(kind, table, index)),
  };
}

/** The values of a range as the old-style stream that dynalite's `lazy` wants; listeners run inside our own loop. */
function valueStream(store: Store, prefix: string, range: Input, fail: (error: unknown) => void) {
  let wanted = true;
  const stream = Object.assign(new Stream(), {
    destroy() {
      wanted = false;
    },
  });
  const bounds = Object.fromEntries(
    ['gt', 'gte', 'lt', 'lte'].filter((name) => range[name]).map((name) => [name, prefix + range[name]]),
  );
  const all = rangeOf(prefix);
  if (!('gt' in bounds) && !('gte' in bounds)) bounds.gte = all.gte;
  if (!('lt' in bounds) && !('lte' in bounds)) bounds.lt = all.lt;
  const pump = async () => {
    const { reverse, limit } = range;
    for await (const [, value] of store.level.iterator({ ...bounds, reverse: reverse ?? false, limit: limit ?? -1 })) {
      stream.emit('data', value);
      if (!wanted) return;
    }
    stream.emit('end');
  };
  pump().catch(fail);
  return stream;
}
