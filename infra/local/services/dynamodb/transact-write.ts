/** TransactWriteItems: every condition is judged, then all is written in one batch, or nothing and the reasons are told. */
import { createHash } from 'node:crypto';
import { AwsError, type Clock } from '../../contract.ts';
import { act } from './actions.ts';
import { addIndexUnits, type Capacity, capacitiesOf, indexUnits, wantsCapacity } from './capacity.ts';
import { db, type Item, type Output, type Table } from './dynalite.ts';
import { resourceNotFound, validationError } from './errors.ts';
import { refuseLargeItems } from './item-size.ts';
import { isConditionFailure, oldItem } from './items.ts';
import type { Staged, Store } from './store.ts';
import type { TransactionItem, TransactionRequest } from './transaction-items.ts';

/** How long a `ClientRequestToken` makes a repetition harmless, as on AWS. */
const TOKEN_MS = 10 * 60_000;
const TOKENS = 'token~';

interface KeptToken {
  readonly request: string;
  readonly until: number;
  readonly output: Output;
}

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

export function transactWrite(
  store: Store,
  clock: Clock,
  request: TransactionRequest,
  items: readonly TransactionItem[],
): Promise<Output> {
  return store.exclusive(async () => {
    const hash = createHash('sha256').update(JSON.stringify(request.TransactItems)).digest('base64');
    const tokenKey = request.ClientRequestToken && TOKENS + request.ClientRequestToken;
    const kept = tokenKey ? (store.level.getSync(tokenKey) as KeptToken | undefined) : undefined;
    if (kept && kept.until > clock.now()) {
      if (kept.request === hash) return kept.output;
      throw new AwsError(
        'IdempotentParameterMismatchException',
        'The request uses the same client token as a previous, but non-identical request.',
      );
    }

    await refuseSameItemTwice(store, items);
    const staged: Staged = new Map();
    const capacities = await stageAll(store, items, staged);
    const output = await consumed(store, capacities, staged, request.ReturnConsumedCapacity);
    if (tokenKey) {
      const value: KeptToken = { request: hash, until: clock.now() + TOKEN_MS, output };
      // In the same batch: after a crash the repetition is known exactly if the writes are there.
      staged.set(tokenKey, { type: 'put', key: tokenKey, value });
    }
    await store.commit(staged);
    return output;
  });
}

/** Tokens whose time is over. */
export async function forgetTokens(store: Store, now: number): Promise<void> {
  const staged: Staged = new Map();
  for await (const [key, value] of store.entries(TOKENS)) {
    if ((value as KeptToken).until <= now) staged.set(key, { type: 'del', key });
  }
  await store.commit(staged);
}

async function refuseSameItemTwice(store: Store, items: readonly TransactionItem[]): Promise<void> {
  const tables = new Map<string, Table>();
  const seen = new Set<string>();
  for (const { checked } of items) {
    const table = tables.get(checked.TableName) ?? (await store.table(checked.TableName));
    if (!table) throw resourceNotFound();
    tables.set(checked.TableName, table);
    const source = checked.Key ?? checked.Item ?? {};
    // An item without its key is told apart by the action itself.
    if (table.KeySchema.some(({ AttributeName }) => !source[AttributeName])) continue;
    const id = `${table.TableName}~${db.createKey(source, table)}`;
    if (seen.has(id)) throw validationError('Transaction request cannot include multiple operations on one item');
    seen.add(id);
  }
}

/** Runs every item on the staged writes; throws with a reason for each if one fails. */
async function stageAll(store: Store, items: readonly TransactionItem[], staged: Staged): Promise<Capacity[]> {
  const reasons: Reason[] = [];
  const capacities: Capacity[] = [];
  for (const { kind, action, checked, input } of items) {
    const own: Staged = new Map();
    try {
      capacities.push(...capacitiesOf(await act(store, action, checked, own)));
      refuseLargeItems(own);
      if (kind !== 'ConditionCheck') for (const [key, write] of own) staged.set(key, write);
      reasons.push({ Code: 'None' });
    } catch (error) {
      reasons.push(await reasonOf(store, input, error));
    }
  }
  if (reasons.some(({ Code }) => Code !== 'None')) {
    const codes = reasons.map(({ Code }) => Code).join(', ');
    throw new AwsError(
      'TransactionCanceledException',
      `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      400,
      { CancellationReasons: reasons },
    );
  }
  return capacities;
}

async function reasonOf(store: Store, input: TransactionItem['input'], error: unknown): Promise<Reason> {
  if (isConditionFailure(error)) {
    const Item = await oldItem(store, input);
    return { Code: 'ConditionalCheckFailed', Message: error.message, ...(Item && { Item }) };
  }
  if (error instanceof AwsError && error.code === 'ValidationException') {
    return { Code: 'ValidationError', Message: error.message };
  }
  throw error;
}

/** Transactional writes cost twice; a condition check is charged as a write of the item it looks at. */
async function consumed(store: Store, capacities: readonly Capacity[], staged: Staged, mode: unknown): Promise<Output> {
  if (!wantsCapacity(mode)) return {};
  const units = indexUnits(store, staged);
  const perTable = Map.groupBy(capacities, ({ TableName }) => TableName);
  const ConsumedCapacity = [...perTable].map(([TableName, parts]) => {
    const CapacityUnits = 2 * parts.reduce((sum, part) => sum + part.CapacityUnits, 0);
    const capacity: Capacity = { TableName, CapacityUnits, ...(mode === 'INDEXES' && { Table: { CapacityUnits } }) };
    addIndexUnits(capacity, units, mode, 2);
    return { ...capacity, WriteCapacityUnits: capacity.CapacityUnits };
  });
  return { ConsumedCapacity };
}
