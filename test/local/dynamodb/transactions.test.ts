import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from './service-endpoint.ts';
import { key, startDynamoDb, TableName } from './table.ts';

const folder = temporaryFolder();
let db: Awaited<ReturnType<typeof startDynamoDb>>;
beforeAll(async () => {
  db = await startDynamoDb(folder.dir);
});
afterAll(async () => {
  await db.close();
  folder.remove();
});

const get = async (pk: string) => (await db.client.send(new GetItemCommand({ TableName, Key: key(pk) }))).Item;
const transact = (TransactItems: TransactWriteItem[], more: Partial<TransactWriteItemsCommandInput> = {}) =>
  db.client.send(new TransactWriteItemsCommand({ TransactItems, ...more }));
const Put = (pk: string, attributes: object = {}, more: object = {}): TransactWriteItem => ({
  Put: { TableName, Item: { ...key(pk), ...attributes }, ...more },
});
const add = (pk: string, n: string): TransactWriteItem => ({
  Update: {
    TableName,
    Key: key(pk),
    UpdateExpression: 'ADD n :n',
    ExpressionAttributeValues: { ':n': { N: n } },
  },
});
const absent = (pk: string): TransactWriteItem => ({
  ConditionCheck: { TableName, Key: key(pk), ConditionExpression: 'attribute_not_exists(pk)' },
});

describe('TransactWriteItems', () => {
  test('writes all kinds at once, indexes too; a condition check leaves its item alone', async () => {
    await transact([Put('gone'), Put('checked')]);
    await transact([
      Put('a', { owner: { S: 'tx' } }),
      add('counter', '5'),
      { Delete: { TableName, Key: key('gone') } },
      { ConditionCheck: { TableName, Key: key('checked'), ConditionExpression: 'attribute_exists(pk)' } },
    ]);
    expect([await get('a'), await get('counter'), await get('gone'), await get('checked')]).toMatchObject([
      { owner: { S: 'tx' } },
      { n: { N: '5' } },
      undefined,
      key('checked'),
    ]);
    const query = new QueryCommand({
      TableName,
      IndexName: 'byOwner',
      KeyConditionExpression: 'owner = :o',
      ExpressionAttributeValues: { ':o': { S: 'tx' } },
    });
    // `owner` is a reserved word: the query must be refused, not answered.
    await expect(db.client.send(query)).rejects.toMatchObject({ name: 'ValidationException' });
    query.input.KeyConditionExpression = '#o = :o';
    query.input.ExpressionAttributeNames = { '#o': 'owner' };
    expect((await db.client.send(new QueryCommand(query.input))).Count).toBe(1);
  });

  test('one failed condition cancels all, with a reason for each and the old item where asked', async () => {
    await transact([Put('there', { v: { S: 'old' } }), Put('there too')]);
    const fails = { ConditionExpression: 'attribute_not_exists(pk)' };
    const shows = { ...fails, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    const error: unknown = await transact([
      Put('never'),
      Put('there', {}, shows),
      absent('there too'),
      Put('neither'),
    ]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TransactionCanceledException);
    const Message = 'The conditional request failed';
    expect((error as TransactionCanceledException).CancellationReasons).toEqual([
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Message, Item: { ...key('there'), v: { S: 'old' } } },
      { Code: 'ConditionalCheckFailed', Message },
      { Code: 'None' },
    ]);
    expect([await get('never'), await get('neither')]).toEqual([undefined, undefined]);
  });

  test('an update that does not fit its item cancels with ValidationError', async () => {
    await transact([Put('text', { n: { S: 'no number' } })]);
    await expect(transact([Put('beside'), add('text', '1')])).rejects.toMatchObject({
      CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError' }],
    });
    expect(await get('beside')).toBeUndefined();
  });

  test('a client token makes a repetition harmless, also after a restart, for ten minutes', async () => {
    const ClientRequestToken = 'token-1';
    await transact([add('once', '1')], { ClientRequestToken });
    await transact([add('once', '1')], { ClientRequestToken });
    await expect(transact([add('once', '2')], { ClientRequestToken })).rejects.toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
    await db.close();
    db = await startDynamoDb(folder.dir);
    await transact([add('once', '1')], { ClientRequestToken });
    expect((await get('once'))?.n?.N).toBe('1');
    db.context.clock.advance(601);
    await transact([add('once', '1')], { ClientRequestToken });
    expect((await get('once'))?.n?.N).toBe('2');
  });

  test('a cancelled transaction leaves its token free', async () => {
    await transact([Put('blocks')]);
    const ClientRequestToken = 'token-2';
    const items = [absent('blocks'), Put('after')];
    await expect(transact(items, { ClientRequestToken })).rejects.toMatchObject({
      name: 'TransactionCanceledException',
    });
    await transact([{ Delete: { TableName, Key: key('blocks') } }]);
    await transact(items, { ClientRequestToken });
    expect(await get('after')).toBeDefined();
  });

  test('costs twice, indexes included', async () => {
    const { ConsumedCapacity } = await transact([Put('p1', { owner: { S: 'z' } }), Put('p2'), absent('p3')], {
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 8, WriteCapacityUnits: 8 }]);
  });

  test('malformed transactions are refused as a whole', async () => {
    const refused = (items: TransactWriteItem[]) =>
      expect(transact(items)).rejects.toMatchObject({ name: 'ValidationException' });
    await refused([]);
    await refused(Array.from({ length: 101 }, (_, i) => Put(`many${i}`)));
    await refused([Put('twice'), { Delete: { TableName, Key: key('twice') } }]);
    await refused([{ ...Put('two'), ...absent('kinds') }]);
    await refused([{}]);
    await refused([Put('large', { v: { B: new Uint8Array(409_600) } })]);
    await refused([{ ConditionCheck: { TableName, Key: key('x'), ConditionExpression: undefined } }]);
    expect(await get('twice')).toBeUndefined();
  });

  test('concurrent transactions on one item lose no update', async () => {
    const settled = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        transact([add('sum', '1'), Put(`slot${i % 20}`, {}, { ConditionExpression: 'attribute_not_exists(pk)' })]),
      ),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    expect((await get('sum'))?.n?.N).toBe('20');
  });
});

test('TransactGetItems answers in order, with nothing for what is absent, at double price', async () => {
  await db.client.send(new PutItemCommand({ TableName, Item: { ...key('got'), v: { S: '1' }, w: { S: '2' } } }));
  const { Responses, ConsumedCapacity } = await db.client.send(
    new TransactGetItemsCommand({
      TransactItems: [
        { Get: { TableName, Key: key('absent') } },
        { Get: { TableName, Key: key('got'), ProjectionExpression: 'v' } },
      ],
      ReturnConsumedCapacity: 'TOTAL',
    }),
  );
  expect(Responses).toEqual([{}, { Item: { v: { S: '1' } } }]);
  expect(ConsumedCapacity).toMatchObject([{ CapacityUnits: 4, ReadCapacityUnits: 4 }]);
});
