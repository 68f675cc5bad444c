/**
 * DynamoDB in memory, for tests and benches that ask for thousands of requests and count them: the SDK's own client over a transport
 * that answers the wire protocol. Tables have a partition key `pk` and a sort key `sk`. What it doesn't know, it refuses.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { type Item, item, readUnits, writeUnits } from '../../bench/cloud/capacity.ts';
import { keyRange, meets, placeholders, updated } from './expressions.ts';
import { Partition } from './partition.ts';

export interface DynamoTally {
  requests: number;
  writeUnits: number;
  readUnits: number;
  itemsWritten: number;
  /** Sizes of the items written, as DynamoDB counts them. */
  bytesStored: number;
  /** Bodies of the requests. */
  bytesSent: number;
  /** Pages of queries. */
  queryPages: number;
}

export const newDynamoTally = (): DynamoTally => ({
  requests: 0,
  writeUnits: 0,
  readUnits: 0,
  itemsWritten: 0,
  bytesStored: 0,
  bytesSent: 0,
  queryPages: 0,
});

/** A request as a test sees it before it is carried out: to count, to fail, to kill. */
export type Interceptor = (action: string, input: Record<string, unknown>) => void | Promise<void>;

const TableName = z.string();
const ConditionExpression = z.string().optional();
const put = placeholders.extend({ TableName, Item: item, ConditionExpression });
const remove = placeholders.extend({ TableName, Key: item, ConditionExpression });
const change = remove.extend({
  UpdateExpression: z.string(),
  ReturnValues: z.enum(['ALL_NEW', 'UPDATED_NEW']).optional(),
});
const get = z.object({ TableName, Key: item, ConsistentRead: z.boolean().optional() });
const batchGet = z.object({
  RequestItems: z.record(TableName, z.object({ Keys: z.array(item).max(100), ConsistentRead: z.boolean().optional() })),
});
const batchWrite = z.object({
  RequestItems: z.record(
    TableName,
    z
      .array(
        z.object({
          PutRequest: z.object({ Item: item }).optional(),
          DeleteRequest: z.object({ Key: item }).optional(),
        }),
      )
      .max(25),
  ),
});
const query = placeholders.extend({
  TableName,
  KeyConditionExpression: z.string(),
  FilterExpression: z.string().optional(),
  ProjectionExpression: z.string().optional(),
  ConsistentRead: z.boolean().optional(),
  ScanIndexForward: z.boolean().optional(),
  Limit: z.int().optional(),
  ExclusiveStartKey: item.optional(),
});
const transaction = z.object({
  TransactItems: z
    .array(
      z.object({
        Put: put.optional(),
        Update: change.optional(),
        Delete: remove.optional(),
        ConditionCheck: remove.optional(),
      }),
    )
    .max(100),
});

const keyPart = z.object({ S: z.string() });
const keyOf = ({ pk, sk }: Item) => ({ pk: keyPart.parse(pk).S, sk: keyPart.parse(sk).S });
/** A page of a query ends here. */
const PAGE_BYTES = 1024 * 1024;
const MOST_ITEM_BYTES = 400 * 1024;

/** What puts are answered that nobody looks at. */
const UNSEEN: Readonly<Record<string, string>> = { PutItem: '{}', BatchWriteItem: '{"UnprocessedItems":{}}' };

class Refused extends Error {
  readonly fields: object;
  constructor(name: string, fields: object = {}) {
    super(name);
    this.name = name;
    this.fields = fields;
  }
}
const conditionFailed = () => new Refused('ConditionalCheckFailedException');

export function memoryDynamoDb({ region = 'eu-central-1' } = {}) {
  const tally = newDynamoTally();
  const tables = new Map<string, Map<string, Partition>>();
  let intercept: Interceptor = () => undefined;
  let keepsPuts = true;

  const partition = (table: string, pk: string) => {
    const partitions = tables.get(table) ?? new Map<string, Partition>();
    tables.set(table, partitions);
    const found = partitions.get(pk) ?? new Partition();
    partitions.set(pk, found);
    return found;
  };
  const stored = (table: string, key: Item) => {
    const { pk, sk } = keyOf(key);
    return partition(table, pk).get(sk);
  };
  const find = (table: string, key: Item) => stored(table, key)?.item;
  const countWrite = (bytes: number, factor: number) => {
    tally.writeUnits += factor * writeUnits(bytes);
    tally.itemsWritten += 1;
  };
  const write = (table: string, written: Item, factor = 1) => {
    const { pk, sk } = keyOf(written);
    const before = partition(table, pk).get(sk);
    const { bytes } = partition(table, pk).put(sk, written);
    if (bytes > MOST_ITEM_BYTES) throw new Refused('ValidationException');
    tally.bytesStored += bytes;
    countWrite(Math.max(bytes, before?.bytes ?? 0), factor);
  };
  const erase = (table: string, key: Item, factor = 1) => {
    const { pk, sk } = keyOf(key);
    const before = partition(table, pk).get(sk);
    partition(table, pk).delete(sk);
    countWrite(before?.bytes ?? 0, factor);
  };
  const countRead = (bytes: number, consistent: boolean | undefined) => {
    tally.readUnits += consistent ? readUnits(bytes) : readUnits(bytes) / 2;
  };

  const actions: Record<string, (input: unknown) => object> = {
    PutItem(input) {
      const { TableName: table, Item, ConditionExpression: condition, ...given } = put.parse(input);
      if (!meets(find(table, Item), condition, given)) throw conditionFailed();
      write(table, Item);
      return {};
    },
    UpdateItem(input) {
      const {
        TableName: table,
        Key,
        ConditionExpression: condition,
        UpdateExpression,
        ReturnValues,
        ...given
      } = change.parse(input);
      const before = find(table, Key);
      if (!meets(before, condition, given)) throw conditionFailed();
      const Attributes = updated(before ?? Key, UpdateExpression, given);
      write(table, Attributes);
      return ReturnValues ? { Attributes } : {};
    },
    DeleteItem(input) {
      const { TableName: table, Key, ConditionExpression: condition, ...given } = remove.parse(input);
      if (!meets(find(table, Key), condition, given)) throw conditionFailed();
      erase(table, Key);
      return {};
    },
    GetItem(input) {
      const { TableName: table, Key, ConsistentRead } = get.parse(input);
      const found = stored(table, Key);
      countRead(found?.bytes ?? 0, ConsistentRead);
      return found ? { Item: found.item } : {};
    },
    BatchGetItem(input) {
      const wanted = Object.entries(batchGet.parse(input).RequestItems);
      const Responses = wanted.map(([table, { Keys, ConsistentRead }]) => {
        const found = Keys.map((key) => stored(table, key));
        for (const one of found) countRead(one?.bytes ?? 0, ConsistentRead);
        return [table, found.flatMap((one) => one?.item ?? [])] as const;
      });
      return { Responses: Object.fromEntries(Responses), UnprocessedKeys: {} };
    },
    BatchWriteItem(input) {
      for (const [table, writes] of Object.entries(batchWrite.parse(input).RequestItems)) {
        for (const { PutRequest, DeleteRequest } of writes) {
          if (PutRequest) write(table, PutRequest.Item);
          if (DeleteRequest) erase(table, DeleteRequest.Key);
        }
      }
      return { UnprocessedItems: {} };
    },
    Query(input) {
      const {
        TableName: table,
        KeyConditionExpression,
        FilterExpression,
        ConsistentRead,
        Limit,
        ...rest
      } = query.parse(input);
      const { ScanIndexForward, ExclusiveStartKey, ...given } = rest;
      const range = keyRange(KeyConditionExpression, given);
      const forward = ScanIndexForward !== false;
      const start = ExclusiveStartKey && keyOf(ExclusiveStartKey).sk;
      const left = {
        before: (sk: string) => range.before(sk) || (forward && start !== undefined && sk <= start),
        after: (sk: string) => range.after(sk) || (!forward && start !== undefined && sk >= start),
      };
      const page: Item[] = [];
      let [bytes, isCut] = [0, false];
      for (const row of partition(table, range.pk).range(left, forward)) {
        isCut = page.length === Limit || (bytes > 0 && bytes + row.bytes > PAGE_BYTES);
        if (isCut) break;
        bytes += row.bytes;
        page.push(row.item);
      }
      countRead(bytes, ConsistentRead);
      tally.queryPages += 1;
      const last = page.at(-1);
      const Items = page.filter((row) => meets(row, FilterExpression, given));
      const more = isCut && last ? { LastEvaluatedKey: { pk: last.pk, sk: last.sk } } : {};
      return { Items, Count: Items.length, ...more };
    },
    TransactWriteItems(input) {
      const parts = transaction.parse(input).TransactItems;
      const CancellationReasons = parts.map(({ Put, Update, Delete, ConditionCheck }) => {
        const part = Put ?? Update ?? Delete ?? ConditionCheck;
        if (!part) throw new Refused('ValidationException');
        const stands = find(part.TableName, 'Item' in part ? part.Item : part.Key);
        return { Code: meets(stands, part.ConditionExpression, part) ? 'None' : 'ConditionalCheckFailed' };
      });
      if (CancellationReasons.some(({ Code }) => Code !== 'None')) {
        throw new Refused('TransactionCanceledException', { CancellationReasons });
      }
      for (const { Put, Update, Delete } of parts) {
        if (Put) write(Put.TableName, Put.Item, 2);
        if (Update)
          write(
            Update.TableName,
            updated(find(Update.TableName, Update.Key) ?? Update.Key, Update.UpdateExpression, Update),
            2,
          );
        if (Delete) erase(Delete.TableName, Delete.Key, 2);
      }
      return {};
    },
  };

  async function handle({ headers, body }: { headers: Readonly<Record<string, string>>; body: Uint8Array }) {
    const action = headers['x-amz-target']?.split('.')[1] ?? '';
    const json = 'application/x-amz-json-1.0';
    const unseen = keepsPuts ? undefined : UNSEEN[action];
    if (unseen) return { response: { statusCode: 200, headers: { 'content-type': json }, body: Buffer.from(unseen) } };
    try {
      const input: Record<string, unknown> = JSON.parse(
        Buffer.from(body.buffer, body.byteOffset, body.length).toString(),
      );
      await intercept(action, input);
      tally.requests += 1;
      tally.bytesSent += body.length;
      const act = actions[action];
      if (!act) throw new Error(`The tables in memory don't know ${action}.`);
      const text = JSON.stringify(act(input));
      return { response: { statusCode: 200, headers: { 'content-type': json }, body: Buffer.from(text) } };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const text = JSON.stringify({
        __type: `com.amazonaws.dynamodb.v20120810#${error.name}`,
        message: error.name,
        ...error.fields,
      });
      return { response: { statusCode: 400, headers: { 'content-type': json }, body: Buffer.from(text) } };
    }
  }

  const credentials = { accessKeyId: 'memory', secretAccessKey: 'memory' };
  return {
    tally,
    resetTally: () => void Object.assign(tally, newDynamoTally()),
    client: new DynamoDBClient({ region, credentials, maxAttempts: 1, requestHandler: { handle } }),
    intercept(by: Interceptor) {
      intercept = by;
    },
    /** Keeps what the tables hold now; the answer brings it back, any number of times. */
    snapshot() {
      const copy = (from: typeof tables): typeof tables =>
        new Map(
          [...from].map(([table, partitions]) => [
            table,
            new Map([...partitions].map(([pk, rows]) => [pk, rows.copy()])),
          ]),
        );
      const kept = copy(tables);
      return () => {
        tables.clear();
        for (const [table, partitions] of copy(kept)) tables.set(table, partitions);
      };
    },
    /** From now on puts are answered without being looked at, for benches that measure the caller alone. */
    ignorePuts() {
      keepsPuts = false;
    },
    /** As if somebody else had removed it. */
    remove: (table: string, pk: string, sk: string) => partition(table, pk).delete(sk),
    /** All items of a table. */
    items: (table: string): Item[] => [...(tables.get(table)?.values() ?? [])].flatMap((rows) => rows.values()),
  };
}
export type MemoryDynamoDb = ReturnType<typeof memoryDynamoDb>;
