/** Reads and writes of items outside transactions. */
import { AwsError } from '../../contract.ts';
import { act } from './actions.ts';
import { addIndexUnits, capacitiesOf, indexUnits, wantsCapacity } from './capacity.ts';
import type { Checked, Input, Item, ItemAction, Output } from './dynalite.ts';
import { refuseLargeItems } from './item-size.ts';
import { readItem, type Staged, type Store } from './store.ts';

const WRITES: readonly ItemAction[] = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];

export function runItemAction(store: Store, name: ItemAction, input: Input, checked: Checked): Promise<Output> {
  if (!WRITES.includes(name)) return act(store, name, checked);
  return store.exclusive(async () => {
    const staged: Staged = new Map();
    try {
      const output = await act(store, name, checked, staged);
      refuseLargeItems(staged);
      const mode = input.ReturnConsumedCapacity;
      if (wantsCapacity(mode)) {
        const units = indexUnits(store, staged);
        for (const capacity of capacitiesOf(output)) addIndexUnits(capacity, units, mode);
      }
      await store.commit(staged);
      return output;
    } catch (error) {
      throw await withOldItem(store, input, error);
    }
  });
}

export const isConditionFailure = (error: unknown): error is AwsError =>
  error instanceof AwsError && error.code === 'ConditionalCheckFailedException';

/** The item that a condition failed on, if the request asked for it. */
export async function oldItem(store: Store, input: Input): Promise<Item | undefined> {
  if (input.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD') return undefined;
  const table = await store.table(String(input.TableName));
  return table && readItem(store, table, (input.Key ?? input.Item) as Item);
}

async function withOldItem(store: Store, input: Input, error: unknown): Promise<unknown> {
  if (!isConditionFailure(error)) return error;
  const Item = await oldItem(store, input);
  return Item ? new AwsError(error.code, error.message, error.status, { Item }) : error;
}
