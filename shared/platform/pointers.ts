/** Pointers: small items of ids alone that list things of an account in the order in which they were made. */
import { GetItemCommand, QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import type { AccountSession } from './account-session.ts';
import type { Key } from './dynamodb.ts';

export const putPointer = (session: AccountSession, key: Key, ids: object = {}): TransactWriteItem => ({
  Put: {
    TableName: session.tables.entities,
    Item: marshall({ ...key, ...ids }),
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

export const removePointer = (session: AccountSession, key: Key): TransactWriteItem => ({
  Delete: { TableName: session.tables.entities, Key: marshall(key), ConditionExpression: 'attribute_exists(pk)' },
});

export async function getPointer<T extends z.ZodType>(session: AccountSession, key: Key, schema: T) {
  const { Item } = await session.db.send(
    new GetItemCommand({ TableName: session.tables.entities, Key: marshall(key), ConsistentRead: true }),
  );
  return Item && schema.parse(unmarshall(Item));
}

/** One page of pointers, in order of their sort keys. */
export async function listPointers<T extends z.ZodType>(
  session: AccountSession,
  pk: string,
  options: { limit: number; after?: string | undefined },
  schema: T,
): Promise<{ items: z.output<T>[]; last?: string }> {
  const { Items = [], LastEvaluatedKey } = await session.db.send(
    new QueryCommand({
      TableName: session.tables.entities,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': pk }),
      // One more than the page tells whether there is a next.
      Limit: options.limit + 1,
      ConsistentRead: true,
      ...(options.after === undefined ? {} : { ExclusiveStartKey: marshall({ pk, sk: options.after }) }),
    }),
  );
  const found = Items.slice(0, options.limit).map((item) => unmarshall(item));
  const items = found.map((item) => schema.parse(item));
  const last: unknown = Items.length > options.limit || LastEvaluatedKey ? found.at(-1)?.sk : undefined;
  return typeof last === 'string' ? { items, last } : { items };
}
