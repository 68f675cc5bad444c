/** DynamoDB as far as ingest asks for it, in memory: it answers the wire protocol and counts. What it doesn't know, it refuses. */
import * as z from 'zod';
import { type Item, item, itemBytes, readUnits, writeUnits } from './capacity.ts';
import type { Tally } from './tally.ts';

const TableName = z.string();
const put = z.object({ TableName, Item: item, ConditionExpression: z.literal('attribute_not_exists(pk)').optional() });
const get = z.object({ TableName, Key: item, ConsistentRead: z.literal(true) });
const batchGet = z.object({
  RequestItems: z.record(TableName, z.object({ Keys: z.array(item), ConsistentRead: z.literal(true) })),
});
const batchWrite = z.object({
  RequestItems: z.record(TableName, z.array(z.object({ PutRequest: z.object({ Item: item }) })).max(25)),
});
const query = z.object({
  TableName,
  KeyConditionExpression: z.literal('pk = :pk AND begins_with(sk, :prefix)'),
  ExpressionAttributeValues: z.object({ ':pk': z.object({ S: z.string() }), ':prefix': z.object({ S: z.string() }) }),
  ConsistentRead: z.literal(true),
});
const transaction = z.object({ TransactItems: z.array(z.object({ Put: put })) });

const keyPart = z.object({ S: z.string() });
const keyOf = ({ pk, sk }: Item): { pk: string; sk: string } => ({ pk: keyPart.parse(pk).S, sk: keyPart.parse(sk).S });

/** A view: the SDK warns when its own kind of bytes is taken for text. */
export const readBody = ({ buffer, byteOffset, length }: Uint8Array): unknown =>
  JSON.parse(Buffer.from(buffer, byteOffset, length).toString());

const UNSEEN: Readonly<Record<string, object>> = { PutItem: {}, BatchWriteItem: { UnprocessedItems: {} } };

export function memoryTables(tally: Tally) {
  let keep = true;
  const tables = new Map<string, Map<string, Map<string, Item>>>();

  const partition = (table: string, pk: string) => {
    const partitions = tables.get(table) ?? new Map<string, Map<string, Item>>();
    tables.set(table, partitions);
    const found = partitions.get(pk) ?? new Map<string, Item>();
    partitions.set(pk, found);
    return found;
  };

  const write = (table: string, written: Item, units = 1) => {
    const { pk, sk } = keyOf(written);
    partition(table, pk).set(sk, written);
    const bytes = itemBytes(written);
    tally.itemsWritten += 1;
    tally.bytesStored += bytes;
    tally.writeUnits += units * writeUnits(bytes);
  };

  const read = (table: string, key: Item): Item | undefined => {
    const { pk, sk } = keyOf(key);
    const found = partition(table, pk).get(sk);
    tally.readUnits += readUnits(found ? itemBytes(found) : 0);
    return found;
  };

  const actions: Record<string, (input: unknown) => object> = {
    PutItem(input) {
      const { TableName, Item } = put.parse(input);
      write(TableName, Item);
      return {};
    },
    GetItem(input) {
      const { TableName, Key } = get.parse(input);
      const Item = read(TableName, Key);
      return Item ? { Item } : {};
    },
    BatchGetItem(input) {
      const wanted = Object.entries(batchGet.parse(input).RequestItems);
      const found = wanted.map(([table, { Keys }]) => [table, Keys.flatMap((key) => read(table, key) ?? [])]);
      return { Responses: Object.fromEntries(found), UnprocessedKeys: {} };
    },
    BatchWriteItem(input) {
      for (const [table, writes] of Object.entries(batchWrite.parse(input).RequestItems)) {
        for (const { PutRequest } of writes) write(table, PutRequest.Item);
      }
      return { UnprocessedItems: {} };
    },
    Query(input) {
      const { TableName, ExpressionAttributeValues: values } = query.parse(input);
      const rows = [...partition(TableName, values[':pk'].S)];
      const Items = rows.filter(([sk]) => sk.startsWith(values[':prefix'].S)).map(([, row]) => row);
      tally.readUnits += readUnits(Items.reduce((bytes, row) => bytes + itemBytes(row), 0));
      return { Items, Count: Items.length };
    },
    TransactWriteItems(input) {
      for (const { Put } of transaction.parse(input).TransactItems) write(Put.TableName, Put.Item, 2);
      return {};
    },
  };

  return {
    act(action: string, body: Uint8Array): object {
      tally.requests += 1;
      tally.bytesSent += body.length;
      const unseen = UNSEEN[action];
      if (unseen && !keep) return unseen;
      const known = actions[action];
      if (!known) throw new Error(`The bench's tables don't know ${action}.`);
      return known(readBody(body));
    },
    /** From now on puts are answered without being looked at, for benches that measure the caller alone. */
    ignorePuts: () => {
      keep = false;
    },
    /** As if somebody else had removed it. */
    remove: (table: string, pk: string, sk: string) => void partition(table, pk).delete(sk),
    /** All items of a table, in no order that means something. */
    items: (table: string): Item[] => [...(tables.get(table)?.values() ?? [])].flatMap((rows) => [...rows.values()]),
  };
}
