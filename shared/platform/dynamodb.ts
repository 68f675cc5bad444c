/** What stores ask of DynamoDB alike: every page of a query, many items by their keys, writes that a condition may refuse. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateQuery,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

/** A place in a table. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** What DynamoDB takes in one request. */
const MOST_KEYS = 100;

/** All pages of a query, read consistently, as raw attributes; a page may be empty. */
export async function* queryPages(
  client: DynamoDBClient,
  query: Omit<QueryCommandInput, 'ConsistentRead' | 'ExclusiveStartKey'>,
): AsyncGenerator<Record<string, AttributeValue>[]> {
  for await (const { Items = [] } of paginateQuery({ client }, { ...query, ConsistentRead: true })) yield Items;
}

/** All items of a query, in its order, page by page as they are asked for. */
export async function* queryItems(
  client: DynamoDBClient,
  query: Parameters<typeof queryPages>[1],
): AsyncGenerator<Record<string, unknown>> {
  for await (const items of queryPages(client, query)) {
    for (const item of items) yield unmarshall(item);
  }
}

/** The items at these keys, read consistently, as raw attributes, in no order; what isn't there is absent. */
export async function getItems(
  db: DynamoDBClient,
  table: string,
  keys: readonly Key[],
): Promise<Record<string, AttributeValue>[]> {
  const found: Record<string, AttributeValue>[] = [];
  let wanted = keys.map((key) => marshall(key));
  while (wanted.length > 0) {
    const answer: BatchGetItemCommandOutput = await db.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: wanted.slice(0, MOST_KEYS), ConsistentRead: true } },
      }),
    );
    found.push(...(answer.Responses?.[table] ?? []));
    wanted = [...(answer.UnprocessedKeys?.[table]?.Keys ?? []), ...wanted.slice(MOST_KEYS)];
  }
  return found;
}

/** The condition of a write over version `v` of an item, as it was read; 0: nothing stands there. */
export const overVersion = (v: number) =>
  v === 0
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : { ConditionExpression: 'v = :v', ExpressionAttributeValues: marshall({ ':v': v }) };

/** Whether a write took place; false, and nothing is written, where its condition doesn't hold. */
export async function tookPlace(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
