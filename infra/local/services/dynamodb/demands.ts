/** Which permissions a request needs, with the condition keys that policies may ask about. */
import type { Demand } from '../../contract.ts';
import type { BatchGet, BatchWrite, Checked, Item, ItemAction, Table } from './dynalite.ts';
import { leadingKeysOfItems, leadingKeysOfQuery } from './leading-keys.ts';
import type { Store } from './store.ts';
import type { TransactionItem } from './transaction-items.ts';

type Context = Demand['context'];

export const tableArn = ({ region, account }: Pick<Store, 'region' | 'account'>, table: string) =>
  `arn:aws:dynamodb:${region}:${account}:table/${table}`;

/** An empty list would satisfy `ForAllValues`, as an absent key does, but not look absent to `Null`. */
const unlessEmpty = (values: readonly string[]) => (values.length > 0 ? [...new Set(values)] : undefined);

/** The top-level attributes that the request names. */
function attributesOf(checked: Checked): string[] {
  const { _projection, _updates, _condition, _filter } = checked;
  return [
    ...[checked.Item, checked.Key, checked.KeyConditions, checked.Expected, checked.AttributeUpdates],
    ...[checked.QueryFilter, checked.ScanFilter, _condition?.pathHeads, _filter?.pathHeads],
  ]
    .flatMap((named) => Object.keys(named ?? {}))
    .concat(checked.AttributesToGet ?? [])
    .concat([...(_projection?.paths ?? []), ...(_updates?.paths ?? [])].map(([head]) => String(head)));
}

function selectOf({ Select, AttributesToGet, _projection, IndexName }: Checked): string {
  if (Select) return Select;
  if (AttributesToGet || _projection) return 'SPECIFIC_ATTRIBUTES';
  return IndexName ? 'ALL_PROJECTED_ATTRIBUTES' : 'ALL_ATTRIBUTES';
}

export async function demandsOf(store: Store, name: ItemAction, checked: Checked): Promise<Demand[]> {
  const action = `dynamodb:${name}`;
  const common: Context = {
    'dynamodb:ReturnConsumedCapacity': checked.ReturnConsumedCapacity,
    'dynamodb:ReturnValues': checked.ReturnValues,
  };
  if (checked.RequestItems) {
    return Promise.all(
      Object.entries(checked.RequestItems).map(async ([tableName, requests]) => {
        const table = await store.table(tableName);
        const items = 'Keys' in requests ? requests.Keys : requests.map(itemOf);
        const context = {
          ...common,
          'dynamodb:LeadingKeys': table && unlessEmpty(leadingKeysOfItems(table, items)),
          'dynamodb:Attributes': unlessEmpty(batchAttributes(requests, items)),
        };
        return { action, resource: tableArn(store, tableName), context };
      }),
    );
  }
  const { TableName, IndexName } = checked;
  const table = await store.table(TableName);
  const isQuery = name === 'Query';
  const reads = isQuery || name === 'Scan' || name === 'GetItem';
  const context: Context = {
    ...common,
    // Absent for Scan: a policy that only says ForAllValues lets it through, here as on AWS.
    'dynamodb:LeadingKeys':
      table &&
      unlessEmpty(
        isQuery ? leadingKeysOfQuery(table, checked) : leadingKeysOfItems(table, [checked.Key ?? checked.Item]),
      ),
    'dynamodb:Attributes': unlessEmpty(attributesOf(checked)),
    'dynamodb:Select': reads ? selectOf(checked) : undefined,
  };
  const resource = tableArn(store, TableName) + (IndexName ? `/index/${IndexName}` : '');
  return [{ action, resource, context }];
}

const itemOf = ({ PutRequest, DeleteRequest }: BatchWrite): Item | undefined => PutRequest?.Item ?? DeleteRequest?.Key;

const batchAttributes = (requests: BatchGet | readonly BatchWrite[], items: readonly (Item | undefined)[]) => [
  ...items.flatMap((item) => Object.keys(item ?? {})),
  ...('Keys' in requests ? attributesOf({ TableName: '', ...requests } as Checked) : []),
];

/** One demand per action and table, with the keys of all its items: a policy judges them together, as it does a batch. */
export async function transactionDemands(
  store: Store,
  operation: 'TransactWriteItems' | 'TransactGetItems',
  items: readonly TransactionItem[],
): Promise<Demand[]> {
  const groups = Map.groupBy(items, ({ permission, checked }) => `${permission} ${checked.TableName}`);
  return Promise.all(
    [...groups.values()].map(async (group) => {
      const [{ permission, checked }] = group as [TransactionItem, ...TransactionItem[]];
      const table: Table | undefined = await store.table(checked.TableName);
      const keys = group.map((item) => item.checked.Key ?? item.checked.Item);
      return {
        action: `dynamodb:${permission}`,
        resource: tableArn(store, checked.TableName),
        context: {
          'dynamodb:EnclosingOperation': operation,
          'dynamodb:LeadingKeys': table && unlessEmpty(leadingKeysOfItems(table, keys)),
          'dynamodb:Attributes': unlessEmpty(group.flatMap((item) => attributesOf(item.checked))),
          'dynamodb:ReturnConsumedCapacity': checked.ReturnConsumedCapacity,
        },
      };
    }),
  );
}
