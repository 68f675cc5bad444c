/** TransactGetItems: all items as of one moment between two changes, at twice the price of consistent reads. */
import { act } from './actions.ts';
import { capacitiesOf, wantsCapacity } from './capacity.ts';
import type { Output } from './dynalite.ts';
import type { Store } from './store.ts';
import type { TransactionItem, TransactionRequest } from './transaction-items.ts';

export function transactGet(
  store: Store,
  request: TransactionRequest,
  items: readonly TransactionItem[],
): Promise<Output> {
  return store.exclusive(async () => {
    const outputs: Output[] = [];
    for (const { action, checked } of items) outputs.push(await act(store, action, checked));
    const Responses = outputs.map(({ Item }) => (Item ? { Item } : {}));
    if (!wantsCapacity(request.ReturnConsumedCapacity)) return { Responses };
    const perTable = Map.groupBy(outputs.flatMap(capacitiesOf), ({ TableName }) => TableName);
    const ConsumedCapacity = [...perTable].map(([TableName, parts]) => {
      const CapacityUnits = 2 * parts.reduce((sum, part) => sum + part.CapacityUnits, 0);
      return { TableName, CapacityUnits, ReadCapacityUnits: CapacityUnits };
    });
    return { Responses, ConsumedCapacity };
  });
}
