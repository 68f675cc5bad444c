import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
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

const put = (pk: string, attributes: object = {}, more: object = {}) =>
  db.client.send(new PutItemCommand({ TableName, Item: { ...key(pk), ...attributes }, ...more }));
const get = async (pk: string, sk?: string) =>
  (await db.client.send(new GetItemCommand({ TableName, Key: key(pk, sk) }))).Item;
const owned = async (owner: string) =>
  (
    await db.client.send(
      new QueryCommand({
        TableName,
        IndexName: 'byOwner',
        KeyConditionExpression: '#o = :o',
        ExpressionAttributeNames: { '#o': 'owner' },
        ExpressionAttributeValues: { ':o': { S: owner } },
      }),
    )
  ).Items?.map((item) => item.pk?.S);

describe('items', () => {
  test('what was put is read back, binary included, by name and by ARN of the table', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await put('binary', { b: { B: bytes }, n: { N: '12345678901234567890.5' } });
    const TableArn = `arn:aws:dynamodb:eu-central-1:000000000000:table/${TableName}`;
    const { Item } = await db.client.send(new GetItemCommand({ TableName: TableArn, Key: key('binary') }));
    expect(Item?.b?.B).toEqual(bytes);
    expect(Item?.n?.N).toBe('12345678901234567890.5');
    const batch = await db.client.send(
      new BatchGetItemCommand({ RequestItems: { [TableArn]: { Keys: [key('binary')] } } }),
    );
    expect(batch.Responses?.[TableArn]).toHaveLength(1);
    const other = TableArn.replace('000000000000', '111111111111');
    await expect(db.client.send(new GetItemCommand({ TableName: other, Key: key('binary') }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('an index follows its item', async () => {
    await put('moves', { owner: { S: 'ann' } });
    expect(await owned('ann')).toEqual(['moves']);
    await db.client.send(
      new UpdateItemCommand({
        TableName,
        Key: key('moves'),
        UpdateExpression: 'SET #o = :o ADD hits :one',
        ExpressionAttributeNames: { '#o': 'owner' },
        ExpressionAttributeValues: { ':o': { S: 'ben' }, ':one': { N: '1' } },
      }),
    );
    expect([await owned('ann'), await owned('ben')]).toEqual([[], ['moves']]);
    await db.client.send(new DeleteItemCommand({ TableName, Key: key('moves') }));
    expect(await owned('ben')).toEqual([]);
  });

  test('a failed condition changes nothing and shows the old item only if asked', async () => {
    await put('held', { v: { N: '1' }, owner: { S: 'held' } });
    const condition = { ConditionExpression: 'attribute_not_exists(pk)' };
    const shown = { ...condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    await expect(put('held', { v: { N: '2' } }, condition)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: undefined,
    });
    await expect(put('held', { v: { N: '2' } }, shown)).rejects.toMatchObject({ Item: { v: { N: '1' } } });
    await expect(
      db.client.send(
        new UpdateItemCommand({
          TableName,
          Key: key('held'),
          UpdateExpression: 'SET v = :v',
          ConditionExpression: 'v = :old',
          ExpressionAttributeValues: { ':v': { N: '3' }, ':old': { N: '7' } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    ).rejects.toMatchObject({ Item: { v: { N: '1' } } });
    expect((await get('held'))?.v?.N).toBe('1');
    expect(await owned('held')).toEqual(['held']);
  });

  test('one of many writers wins a condition', async () => {
    const attempts = Array.from({ length: 20 }, (_, i) =>
      put('raced', { v: { N: String(i) } }, { ConditionExpression: 'attribute_not_exists(pk)' }),
    );
    const settled = await Promise.allSettled(attempts);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('capacity counts index writes', async () => {
    const consumed = async (attributes: object) =>
      (await put('priced', attributes, { ReturnConsumedCapacity: 'INDEXES' })).ConsumedCapacity;
    expect(await consumed({ owner: { S: 'x' } })).toMatchObject({
      CapacityUnits: 2,
      Table: { CapacityUnits: 1 },
      GlobalSecondaryIndexes: { byOwner: { CapacityUnits: 1 } },
    });
    expect((await consumed({ owner: { S: 'x' } }))?.CapacityUnits).toBe(1);
    // Another index key: one unit to remove the old entry, one to write the new.
    expect((await consumed({ owner: { S: 'y' } }))?.CapacityUnits).toBe(3);
    expect((await consumed({ owner: { S: 'y' }, v: { S: 'x'.repeat(2500) } }))?.CapacityUnits).toBe(6);
  });

  test('pages hold a limit and go on from where they ended', async () => {
    const Item = (sk: string) => ({ PutRequest: { Item: { ...key('paged', sk), v: { S: sk } } } });
    const names = Array.from({ length: 25 }, (_, i) => String(i).padStart(2, '0'));
    await db.client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: names.map(Item) } }));
    const read = async (ScanIndexForward: boolean) => {
      const found: (string | undefined)[] = [];
      let ExclusiveStartKey: Record<string, never> | undefined;
      do {
        const page: { Items?: { sk?: { S?: string } }[]; LastEvaluatedKey?: object } = await db.client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :p AND sk BETWEEN :a AND :b',
            ExpressionAttributeValues: { ':p': { S: 'paged' }, ':a': { S: '03' }, ':b': { S: '19' } },
            Limit: 5,
            ScanIndexForward,
            ExclusiveStartKey,
          }),
        );
        found.push(...(page.Items ?? []).map((item) => item.sk?.S));
        ExclusiveStartKey = page.LastEvaluatedKey as Record<string, never> | undefined;
      } while (ExclusiveStartKey);
      return found;
    };
    expect(await read(true)).toEqual(names.slice(3, 20));
    expect(await read(false)).toEqual(names.slice(3, 20).reverse());
    const all = await db.client.send(new ScanCommand({ TableName, Select: 'COUNT' }));
    expect(all.Count).toBeGreaterThanOrEqual(25);
  });

  test('too large, too many and unknown are refused', async () => {
    const rejects = (sent: Promise<unknown>, name: string) => expect(sent).rejects.toMatchObject({ name });
    // 210,000 characters of two bytes each: over 400 KB only when counted in UTF-8.
    await rejects(put('large', { v: { S: 'ä'.repeat(210_000) } }), 'ValidationException');
    await put('fits', { v: { B: new Uint8Array(409_000) } });
    await rejects(put('large', { v: { B: new Uint8Array(409_600) } }), 'ValidationException');
    expect(await get('large')).toBeUndefined();
    const requests = Array.from({ length: 26 }, (_, i) => ({ DeleteRequest: { Key: key('x', String(i)) } }));
    const batch = new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } });
    await rejects(db.client.send(batch), 'ValidationException');
    const statement = new ExecuteStatementCommand({ Statement: `SELECT * FROM "${TableName}"` });
    await rejects(db.client.send(statement), 'UnknownOperationException');
    const missing = new GetItemCommand({ TableName: 'nothing', Key: key('x') });
    await rejects(db.client.send(missing), 'ResourceNotFoundException');
    await rejects(db.client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'x' } } })), 'ValidationException');
  });
});
