/**
 * Numbers of devices, as blocks of readings name them: small, given once within a product, never changed and never given again.
 * So what a session has learnt stays true, also of devices that are gone.
 */
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { getItems, queryItems } from '../platform/dynamodb.ts';
import { deviceKey, numberKey, numberPartition } from './device-keys.ts';

/** Neighbours are read together: 100 items are about three read units, and a block names many devices. */
const TOGETHER = 100;
/** More digits than a number will ever have. */
const BEYOND = 1e10 - 1;

const numbered = z.object({ sk: z.string(), device: z.string() });
const device = z.object({ id: z.string(), number: z.number() });

interface Known {
  readonly ids: Map<number, string>;
  readonly numbers: Map<string, number>;
}
const memory = new WeakMap<AccountSession, Map<string, Known>>();

function knownOf(session: AccountSession, product: string): Known {
  const products = memory.get(session) ?? new Map<string, Known>();
  memory.set(session, products);
  const known = products.get(product) ?? { ids: new Map(), numbers: new Map() };
  products.set(product, known);
  return known;
}

function learn({ ids, numbers }: Known, id: string, number: number): void {
  ids.set(number, id);
  numbers.set(id, number);
}

/** Ids of a product's devices by number. Throws for a number that was never given: readings of it would be lost in silence. */
export async function devicesByNumber(
  session: AccountSession,
  product: string,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const known = knownOf(session, product);
  const unknown = numbers.filter((number) => !known.ids.has(number));
  const pages = new Set(unknown.map((number) => number - (number % TOGETHER)));
  await Promise.all([...pages].map((first) => learnNumbers(session, product, first, first + TOGETHER - 1)));
  if (!unknown.every((number) => known.ids.has(number))) throw new Error('A block names a device that never was.');
  return known.ids;
}

/** Numbers of a product's devices by id, of those that are and of those that were; what never was is absent. */
export async function numbersByDevice(
  session: AccountSession,
  product: string,
  devices: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const known = knownOf(session, product);
  const unknown = devices.filter((id) => !known.numbers.has(id));
  const keys = [...new Set(unknown)].map((id) => deviceKey(session.account, product, id));
  for (const item of await getItems(session.db, session.tables.entities, keys)) {
    const { id, number } = device.parse(unmarshall(item));
    learn(known, id, number);
  }
  if (unknown.some((id) => !known.numbers.has(id))) await learnNumbers(session, product, 0, BEYOND);
  return known.numbers;
}

/** From the numbers' own items. */
async function learnNumbers(session: AccountSession, product: string, first: number, last: number): Promise<void> {
  const { account, db, tables } = session;
  const known = knownOf(session, product);
  const items = queryItems(db, {
    TableName: tables.entities,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    ExpressionAttributeValues: marshall({
      ':pk': numberPartition(account, product),
      ':first': numberKey(account, product, first).sk,
      ':last': numberKey(account, product, last).sk,
    }),
  });
  for await (const item of items) {
    const found = numbered.parse(item);
    learn(known, found.device, Number(found.sk));
  }
}
