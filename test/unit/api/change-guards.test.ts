/** Faults around a change that has been made: they can't be provoked one by one from outside, so that the table is a fake here. */
import { randomBytes } from 'node:crypto';
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { auditing, idempotency } from '../../../shared/api/change-guards.ts';
import { httpFunction } from '../../../shared/api/edge.ts';
import { route } from '../../../shared/api/route.ts';
import { newId } from '../../../shared/platform/ids.ts';
import { sessionWith } from '../../support/session.ts';

const make = route({
  id: 'things.create',
  method: 'POST',
  path: '/v1/things',
  access: 'devices.write',
  summary: 'Make a thing.',
  output: z.object({ n: z.number() }),
});

/** A table of idempotency records, and one of audit events; `broken` names what fails. */
function store() {
  const records = new Map<string, Record<string, unknown>>();
  const broken = new Set<string>();
  const send = async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
    const { TableName, Item, Key, ConditionExpression } = command.input as {
      TableName: string;
      Item?: Record<string, { S: string }>;
      Key?: Record<string, { S: string }>;
      ConditionExpression?: string;
    };
    const kind = `${command.constructor.name} ${TableName}${ConditionExpression || TableName === 'audit' ? '' : ' without condition'}`;
    if (broken.has(kind)) throw new Error(`${kind} fails`);
    if (TableName === 'audit') return {};
    const key = `${(Item ?? Key)?.pk?.S} ${(Item ?? Key)?.sk?.S}`;
    if (Key) records.delete(key);
    else if (ConditionExpression && records.has(key))
      throw new ConditionalCheckFailedException({ message: '', $metadata: {}, Item: records.get(key) as never });
    else records.set(key, { ...Item });
    return {};
  };
  return { broken, records, db: { send } as unknown as DynamoDBClient };
}

const account = newId('account');
const identity = { kind: 'client', account, client: newId('apiClient'), status: 'active', scopes: ['devices.write'] };
const event = {
  routeKey: 'POST /v1/things',
  rawPath: '/v1/things',
  headers: { authorization: 'Bearer t', 'idempotency-key': 'k' },
  requestContext: {
    requestId: 'req',
    http: { method: 'POST' },
    authorizer: { lambda: { auth: 'established', identity: JSON.stringify(identity) } },
  },
};

let made: number;
let fake: ReturnType<typeof store>;
let ask: () => Promise<{ statusCode: number; body: string; headers: Record<string, string> }>;
let works: boolean;

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  made = 0;
  works = true;
  fake = store();
  const key = randomBytes(32);
  const session = sessionWith({
    account,
    db: fake.db,
    tables: { entities: 'entities', readings: '', keyring: '', audit: 'audit' },
    key: async () => key,
  });
  const deps = { now: Date.now, newId };
  const handler = httpFunction(
    { make },
    {
      make: async () => {
        if (!works) throw new Error('no');
        made += 1;
        return { body: { n: made } };
      },
    },
    { openSession: async () => session, audit: [auditing(deps)], idempotency: [idempotency(deps)] },
  );
  ask = () => handler(event as never, { awsRequestId: 'req' } as never);
});

const status = async () => (await ask()).statusCode;

describe('an idempotency key', () => {
  it('replays what was done', async () => {
    expect([await status(), await status(), made]).toEqual([201, 201, 1]);
  });

  it('is not freed by what fails after the thing was made', async () => {
    fake.broken.add('PutItemCommand audit');
    expect(await status()).toBe(500);
    fake.broken.clear();
    expect([(await ask()).body, made]).toEqual(['{"n":1}', 1]);
  });

  it('whose answer can’t be kept still holds off a second time, and the answer stands', async () => {
    fake.broken.add('PutItemCommand entities without condition');
    expect(await status()).toBe(201);
    fake.broken.clear();
    expect([await status(), made]).toEqual([409, 1]);
  });

  it('is freed by a failure before, or stays held if not even that works; the error is answered', async () => {
    works = false;
    expect([await status(), fake.records.size]).toEqual([500, 0]);
    fake.broken.add('DeleteItemCommand entities without condition');
    const answer = await ask();
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([500, 'application/problem+json']);
    works = true;
    expect([await status(), made]).toEqual([409, 0]);
  });
});

describe('a refusal that can’t be recorded', () => {
  it('is answered all the same', async () => {
    fake.broken.add('PutItemCommand audit');
    works = false;
    const answer = await ask();
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([500, 'application/problem+json']);
    expect(answer.body).not.toMatch(/audit|fails|\.ts/);
  });
});
