/**
 * Entities at rest: one item each. Ids, references and times are plain attributes; what the customer entered is one sealed
 * attribute. Writes are conditional on the version that was read; stores return transaction items, so that use cases compose.
 *
 * Item: `pk`, `sk`, `v` (version from 1), `c` and `u` (created, updated: epoch ms), the plain members, `s` (sealed JSON).
 */
import { type AttributeValue, GetItemCommand, QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from './account-session.ts';
import { definedJson } from './defined.ts';
import { getItems, type Key, overVersion } from './dynamodb.ts';
import { MAX_DEPTH, parseJson, stringifyJson } from './json-value.ts';
import { seal, unseal } from './sealing.ts';
import { canceledFor, transact } from './transact.ts';

type Item = Record<string, AttributeValue>;

export interface Stored<P, S> {
  readonly key: Key;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly plain: P;
  readonly sealed: S;
}

/** The item is not as the writer expected: gone, already there, or of another version. */
export class ConditionFailed extends Error {
  constructor() {
    super('The item is not as expected.');
    this.name = 'ConditionFailed';
  }
}

const envelope = z.object({
  pk: z.string(),
  sk: z.string(),
  v: z.number(),
  c: z.number(),
  u: z.number(),
  s: z.instanceof(Uint8Array),
});

/** `store` is the logical name that seals are bound to. Both schemas parse what comes back from the table. */
export function entityKind<P extends z.ZodType<object>, S extends z.ZodType<object>>(
  store: string,
  schemas: { plain: P; sealed: S },
) {
  type Entity = Stored<z.output<P>, z.output<S>>;

  const place = (session: AccountSession, { pk, sk }: Key) => ({ account: session.account, store, pk, sk });

  async function toItem(session: AccountSession, entity: Entity): Promise<Item> {
    const text = Buffer.from(stringifyJson(definedJson(entity.sealed)));
    const s = seal(await session.key(), place(session, entity.key), text);
    const { version: v, createdAt: c, updatedAt: u } = entity;
    return marshall({ ...entity.plain, ...entity.key, v, c, u, s }, { removeUndefinedValues: true });
  }

  async function fromItem(session: AccountSession, item: Item): Promise<Entity> {
    const raw = unmarshall(item);
    const { pk, sk, v, c, u, s } = envelope.parse(raw);
    const text = unseal(await session.key(), place(session, { pk, sk }), s);
    return {
      key: { pk, sk },
      version: v,
      createdAt: c,
      updatedAt: u,
      plain: schemas.plain.parse(raw),
      // A value of the deepest kind stands some levels down in what is sealed.
      sealed: schemas.sealed.parse(parseJson(text, { maxDepth: 2 * MAX_DEPTH })),
    };
  }

  return {
    /** A new entity. */
    make: (key: Key, now: number, plain: z.output<P>, sealed: z.output<S>): Entity => ({
      key,
      version: 1,
      createdAt: now,
      updatedAt: now,
      plain,
      sealed,
    }),

    /** The next version of an entity. */
    change: (entity: Entity, now: number, sealed: z.output<S>, plain: z.output<P> = entity.plain): Entity => ({
      ...entity,
      version: entity.version + 1,
      updatedAt: now,
      plain,
      sealed,
    }),

    async get(session: AccountSession, key: Key): Promise<Entity | undefined> {
      const { Item } = await session.db.send(
        new GetItemCommand({ TableName: session.tables.entities, Key: marshall(key), ConsistentRead: true }),
      );
      return Item && fromItem(session, Item);
    },

    /** The entities at these keys, by partition and sort key put together. */
    async getMany(session: AccountSession, keys: readonly Key[]): Promise<Map<string, Entity>> {
      const items = await getItems(session.db, session.tables.entities, keys);
      const found = await Promise.all(items.map((item) => fromItem(session, item)));
      return new Map(found.map((entity) => [entity.key.pk + entity.key.sk, entity]));
    },

    /** One page of a partition in order of its sort keys; `after` is the last sort key of the page before. */
    async list(
      session: AccountSession,
      pk: string,
      options: { limit: number; after?: string | undefined; prefix?: string; newestFirst?: boolean },
    ): Promise<{ items: Entity[]; last?: string }> {
      const { limit, after, prefix, newestFirst } = options;
      const { Items = [], LastEvaluatedKey } = await session.db.send(
        new QueryCommand({
          TableName: session.tables.entities,
          KeyConditionExpression: prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: marshall({ ':pk': pk, ':prefix': prefix }, { removeUndefinedValues: true }),
          // One more than the page tells whether there is a next.
          Limit: limit + 1,
          ConsistentRead: true,
          ScanIndexForward: !newestFirst,
          ...(after === undefined ? {} : { ExclusiveStartKey: marshall({ pk, sk: after }) }),
        }),
      );
      const items = await Promise.all(Items.slice(0, limit).map((item) => fromItem(session, item)));
      const last = Items.length > limit || LastEvaluatedKey ? items.at(-1)?.key.sk : undefined;
      return last === undefined ? { items } : { items, last };
    },

    /** Writes an entity: a first version only where nothing stands, a later one only over the version before. */
    put: async (session: AccountSession, entity: Entity): Promise<TransactWriteItem> => ({
      Put: {
        TableName: session.tables.entities,
        Item: await toItem(session, entity),
        ...overVersion(entity.version - 1),
      },
    }),

    /** Removes an entity as it was read. */
    remove: (session: AccountSession, entity: Entity): TransactWriteItem => ({
      Delete: {
        TableName: session.tables.entities,
        Key: marshall(entity.key),
        ...overVersion(entity.version),
      },
    }),
  };
}

export type EntityOf<K> = K extends { get(...args: never[]): Promise<infer E | undefined> } ? E : never;

/** Writes all or nothing. Throws `ConditionFailed` where an item is not as expected. */
export async function writeTogether(session: AccountSession, items: TransactWriteItem[]): Promise<void> {
  try {
    await transact(session.db, items);
  } catch (error) {
    throw canceledFor(error, 'ConditionalCheckFailed').length > 0 ? new ConditionFailed() : error;
  }
}
