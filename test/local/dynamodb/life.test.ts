import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDynamoDb } from '../../../infra/local/services/dynamodb/service.ts';
import { itemPrefix, openStore } from '../../../infra/local/services/dynamodb/store.ts';
import { account, region, temporaryFolder, testContext } from './service-endpoint.ts';
import { key, startDynamoDb, TableName, tableResource } from './table.ts';

let folder: ReturnType<typeof temporaryFolder>;
let db: Awaited<ReturnType<typeof startDynamoDb>> | undefined;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await db?.close();
  db = undefined;
  folder.remove();
});
const start = async (...rest: [resource?: ReturnType<typeof tableResource>]) => {
  await db?.close();
  db = undefined;
  db = await startDynamoDb(folder.dir, ...rest);
  return db;
};

describe('the table of a template', () => {
  test('is described with its settings, and found again', async () => {
    const first = await start();
    const { provisioned } = first;
    const Arn = `arn:aws:dynamodb:eu-central-1:000000000000:table/${TableName}`;
    expect(provisioned).toMatchObject({ ref: TableName, attributes: { Arn, TableId: expect.any(String) } });
    expect(provisioned.attributes).not.toHaveProperty('StreamArn');
    await first.client.send(new PutItemCommand({ TableName, Item: key('kept') }));

    const { client, provisioned: again } = await start();
    expect(again).toEqual(provisioned);
    expect((await client.send(new GetItemCommand({ TableName, Key: key('kept') }))).Item).toEqual(key('kept'));
    expect((await client.send(new DescribeTableCommand({ TableName }))).Table).toMatchObject({
      TableStatus: 'ACTIVE',
      DeletionProtectionEnabled: true,
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS' },
      GlobalSecondaryIndexes: [{ IndexName: 'byOwner', IndexStatus: 'ACTIVE' }],
    });
    const backups = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
    expect(backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription).toMatchObject({
      PointInTimeRecoveryStatus: 'ENABLED',
      RecoveryPeriodInDays: 7,
    });
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([TableName]);
  });

  test('a changed key stops the boot, saying so; a new index is filled from the items', async () => {
    const { client } = await start();
    const Item = { ...key('old'), colour: { S: 'red' } };
    await client.send(new PutItemCommand({ TableName, Item }));
    const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' }];
    await expect(start(tableResource({ KeySchema }))).rejects.toThrow(
      /state-Data exists with the key pk S, sk S, the template wants pk S:.*--fresh/,
    );

    const changed = tableResource({
      AttributeDefinitions: ['pk', 'sk', 'colour'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byColour',
          KeySchema: [{ AttributeName: 'colour', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
    const indexed = await start(changed);
    const query = (IndexName: string, attribute: string) =>
      indexed.client.send(
        new QueryCommand({
          TableName,
          IndexName,
          KeyConditionExpression: '#a = :v',
          ExpressionAttributeNames: { '#a': attribute },
          ExpressionAttributeValues: { ':v': { S: 'red' } },
        }),
      );
    expect((await query('byColour', 'colour')).Items).toEqual([Item]);
    await expect(query('byOwner', 'owner')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('is deleted only when nothing protects it', async () => {
    const { client } = await start();
    await client.send(new PutItemCommand({ TableName, Item: { ...key('x'), owner: { S: 'o' } } }));
    const remove = () => client.send(new DeleteTableCommand({ TableName }));
    await expect(remove()).rejects.toMatchObject({ name: 'ValidationException' });
    expect((await client.send(new ScanCommand({ TableName }))).Count).toBe(1);
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await remove();
    await expect(client.send(new DescribeTableCommand({ TableName }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect((await (await start()).client.send(new ScanCommand({ TableName }))).Count).toBe(0);
  });

  test.each([
    ['two replicas', { Replicas: [{ Region: 'eu-central-1' }, { Region: 'eu-west-1' }] }, /one replica/],
    ['provisioned capacity', { BillingMode: 'PROVISIONED' }, /on-demand/],
  ])('%s are refused', async (_, change, message) => {
    await expect(start(tableResource(change))).rejects.toThrow(message);
  });
});

describe('time to live', () => {
  const names = async () => {
    const { Items } = (await db?.client.send(new ScanCommand({ TableName }))) ?? {};
    return Items?.map((item) => item.pk?.S).sort();
  };

  test('removes what expired a while ago, its index entries too, and shows it until then', async () => {
    const { client, context, reap } = await start();
    const seconds = Math.floor(context.clock.now() / 1000);
    const put = (pk: string, expiresAt: object) =>
      client.send(new PutItemCommand({ TableName, Item: { ...key(pk), owner: { S: 'o' }, ...expiresAt } }));
    await put('soon', { expiresAt: { N: String(seconds + 10) } });
    await put('later', { expiresAt: { N: String(seconds + 10_000) } });
    await put('text', { expiresAt: { S: String(seconds) } });
    await put('never', {});
    await put('absurd', { expiresAt: { N: '10' } });
    context.clock.advance(20);
    expect(await reap()).toBe(0);
    expect(await names()).toEqual(['absurd', 'later', 'never', 'soon', 'text']);
    context.clock.advance(60);
    expect(await reap()).toBe(1);
    expect(await names()).toEqual(['absurd', 'later', 'never', 'text']);
    const index = await client.send(new ScanCommand({ TableName, IndexName: 'byOwner' }));
    expect(index.Count).toBe(4);
  });

  test('is switched by UpdateTimeToLive', async () => {
    const { client, context, reap } = await start();
    const described = async () =>
      (await client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
    expect(await described()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' });
    const update = (Enabled: boolean) =>
      client.send(
        new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName: 'expiresAt' } }),
      );
    await expect(update(true)).rejects.toMatchObject({ name: 'ValidationException' });
    await update(false);
    expect(await described()).toEqual({ TimeToLiveStatus: 'DISABLED' });
    const expiresAt = { N: String(Math.floor(context.clock.now() / 1000) - 1000) };
    await client.send(new PutItemCommand({ TableName, Item: { ...key('x'), expiresAt } }));
    expect(await reap()).toBe(0);
    await update(true);
    expect(await reap()).toBe(1);
  });
});

describe('the folder', () => {
  test('survives kill -9 during writes: all that was acknowledged, nothing half', { timeout: 20_000 }, async () => {
    const launcher = join(import.meta.dirname, 'writer.ts');
    const child = spawn(process.execPath, [launcher, folder.dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    let acknowledged = -1;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line);
      if (acknowledged === 30) child.kill('SIGKILL');
    }
    expect((await exited)[1]).toBe('SIGKILL');
    expect(acknowledged).toBeGreaterThanOrEqual(30);

    const { client } = await start();
    const scan = async (IndexName?: string) =>
      (await client.send(new ScanCommand({ TableName, IndexName }))).Items?.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`) ??
      [];
    const items = await scan();
    expect((await scan('byOwner')).sort()).toEqual([...items].sort());
    const perTransaction = Map.groupBy(
      items.filter((id) => id.startsWith('t')),
      (id) => id.split(' ')[0],
    );
    expect([...perTransaction.values()].filter((parts) => parts.length !== 3)).toEqual([]);
    for (let i = 0; i <= acknowledged; i += 1) expect(items).toEqual(expect.arrayContaining([`t${i} 1`, `s${i} 1`]));
  });

  test.each<[string, (dir: string) => void]>([
    ['without CURRENT', (dir) => rmSync(join(dir, 'CURRENT'))],
    ['with CURRENT of garbage', (dir) => writeFileSync(join(dir, 'CURRENT'), 'garbage\n')],
    [
      'with an empty manifest',
      (dir) => truncateSync(join(dir, readdirSync(dir).find((file) => file.startsWith('MANIFEST')) ?? ''), 0),
    ],
  ])('%s is refused, named, and left as it is', async (_, damage) => {
    await (await start()).client.send(new PutItemCommand({ TableName, Item: key('x') }));
    await db?.close();
    db = undefined;
    damage(folder.dir);
    const files = readdirSync(folder.dir).filter((file) => /ldb|log$|MANIFEST/.test(file));
    const error = await openDynamoDb(testContext(folder.dir)).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toContain(folder.dir);
    expect(String(error)).toContain('--fresh');
    expect(readdirSync(folder.dir)).toEqual(expect.arrayContaining(files));
  });

  test('with a broken item fails the request on it, and no other', async () => {
    await (await start()).client.send(new PutItemCommand({ TableName, Item: key('whole') }));
    await db?.close();
    db = undefined;
    const store = await openStore(folder.dir, { account, region });
    // dynalite counts the size of what it reads, and throws on this inside a stream's listener.
    await store.level.batch([{ type: 'put', key: `${itemPrefix(TableName)}000/broken`, value: { pk: null } }]);
    await store.close();

    const { client, context } = await start();
    await expect(client.send(new ScanCommand({ TableName }))).rejects.toMatchObject({ name: 'InternalServerError' });
    expect(context.lines).toEqual([expect.stringMatching(/unexpected TypeError/)]);
    expect((await client.send(new GetItemCommand({ TableName, Key: key('whole') }))).Item).toEqual(key('whole'));
  });

  test('in use by another is refused', async () => {
    await start();
    await expect(openDynamoDb(testContext(folder.dir))).rejects.toThrow(/in use/);
  });
});
