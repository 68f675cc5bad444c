/** Every way in which DynamoDB reads or writes an item, aimed at one row. */
import type { Call, Credentials, Ended } from './puppet.ts';

export interface Row {
  readonly table: string;
  readonly pk: string;
  readonly sk: string;
}

const key = ({ pk, sk }: Row) => ({ pk: { S: pk }, sk: { S: sk } });
const item = (row: Row) => ({ ...key(row), forged: { BOOL: true } });
const change = {
  UpdateExpression: 'SET forged = :yes',
  ExpressionAttributeValues: { ':yes': { BOOL: true } },
};
const write = (part: object) => ({ TransactItems: [part] });

const ACTIONS = {
  GetItem: (row: Row) => ({ TableName: row.table, Key: key(row) }),
  Query: ({ table, pk }: Row) => ({
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: pk } },
  }),
  Scan: ({ table }: Row) => ({ TableName: table }),
  BatchGetItem: (row: Row) => ({ RequestItems: { [row.table]: { Keys: [key(row)] } } }),
  TransactGetItems: (row: Row) => ({ TransactItems: [{ Get: { TableName: row.table, Key: key(row) } }] }),
  PutItem: (row: Row) => ({ TableName: row.table, Item: item(row) }),
  UpdateItem: (row: Row) => ({ TableName: row.table, Key: key(row), ...change }),
  BatchWriteItem: (row: Row) => ({ RequestItems: { [row.table]: [{ PutRequest: { Item: item(row) } }] } }),
  'TransactWriteItems Put': (row: Row) => write({ Put: { TableName: row.table, Item: item(row) } }),
  'TransactWriteItems Update': (row: Row) => write({ Update: { TableName: row.table, Key: key(row), ...change } }),
  'TransactWriteItems ConditionCheck': (row: Row) =>
    write({ ConditionCheck: { TableName: row.table, Key: key(row), ConditionExpression: 'attribute_exists(pk)' } }),
  'TransactWriteItems Delete': (row: Row) => write({ Delete: { TableName: row.table, Key: key(row) } }),
  DeleteItem: (row: Row) => ({ TableName: row.table, Key: key(row) }),
} as const satisfies Record<string, (row: Row) => object>;

export type Action = keyof typeof ACTIONS;
export const EVERY_ACTION = Object.keys(ACTIONS) as Action[];

export const onRow = (row: Row, action: Action, credentials?: Credentials): Call => ({
  service: 'dynamodb',
  command: action.split(' ')[0] ?? action,
  input: ACTIONS[action](row),
  credentials,
});

/** What happened, in a word: `done`, or the error's name. */
export const outcome = ({ error }: Ended): string => error ?? 'done';

/** Of every action on the row. */
export async function outcomes(
  make: (calls: readonly Call[]) => Promise<Ended[]>,
  row: Row,
  credentials?: Credentials,
): Promise<Record<Action, string>> {
  const ended = await make(EVERY_ACTION.map((action) => onRow(row, action, credentials)));
  return Object.fromEntries(EVERY_ACTION.map((action, i) => [action, outcome(ended[i] ?? {})])) as Record<
    Action,
    string
  >;
}

const DENIED = 'AccessDeniedException';

/** What is expected where these actions are granted, and no others. */
export const onlyDone = (granted: readonly Action[]): Record<Action, string> =>
  Object.fromEntries(EVERY_ACTION.map((action) => [action, granted.includes(action) ? 'done' : DENIED])) as Record<
    Action,
    string
  >;
