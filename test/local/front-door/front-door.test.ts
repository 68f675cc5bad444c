import http from 'node:http';
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestDoor } from './door.ts';
import { allow, clientConfig, openDoor, place, roleArn, TABLE } from './door.ts';

let test: TestDoor;
let client: DynamoDBClient;
const get = (pk: string) => new GetItemCommand({ TableName: 'Main', Key: { pk: { S: pk } } });
const batch = (...keys: string[]) =>
  new BatchGetItemCommand({ RequestItems: { Main: { Keys: keys.map((pk) => ({ pk: { S: pk } })) } } });

beforeAll(async () => {
  test = await openDoor();
  const ownRows = allow({
    Action: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Scan', 'dynamodb:ListTables'],
    Resource: TABLE,
    Condition: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'A#one#*' },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  });
  client = new DynamoDBClient(clientConfig(test, test.session('Reader', ownRows)));
});
afterEach(() => test.door.faults.clear());
afterAll(async () => {
  client.destroy();
  await test.door.close();
});

describe('a call', () => {
  it('runs when the role allows it', async () => {
    const { Item } = await client.send(get('A#one#x'));
    expect(Item).toEqual({ pk: { S: 'A#one#x' } });
    expect(test.calls.at(-1)).toMatchObject({
      service: 'dynamodb',
      action: 'GetItem',
      principal: { roleArn: roleArn('Reader') },
      error: undefined,
    });
  });

  it.each([
    ["another account's key", get('A#two#x')],
    ['a batch with one foreign key', batch('A#one#x', 'A#two#x')],
    ['a scan, which has no leading key', new ScanCommand({ TableName: 'Main' })],
    ['an empty key', get('')],
  ])("doesn't reach the service: %s", async (_, command) => {
    test.ran.length = 0;
    const refused = client.send(command as GetItemCommand);
    await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(refused).rejects.toThrow(
      /^User: arn:aws:sts::123456789012:assumed-role\/Reader\/Reader is not authorized to perform: dynamodb:\w+ on resource: arn:aws:dynamodb:\S+ because no identity-based policy allows the dynamodb:\w+ action$/,
    );
    expect(test.calls.at(-1)).toMatchObject({ error: 'AccessDeniedException' });
    expect(test.ran).toEqual([]);
  });

  it('says when a policy denies explicitly', async () => {
    const all = allow({ Action: 'dynamodb:*', Resource: '*' });
    const denied = { Version: '2012-10-17', Statement: [{ Effect: 'Deny' as const, Action: '*', Resource: '*' }] };
    const other = new DynamoDBClient(clientConfig(test, test.session('Denied', all, denied)));
    await expect(other.send(get('x'))).rejects.toThrow(/with an explicit deny in an identity-based policy$/);
    other.destroy();
  });

  it('to a service that the host does not have is refused and logged', async () => {
    const sqs = new SQSClient(clientConfig(test, test.session('Reader2')));
    await expect(sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject({ name: 'UnknownServiceException' });
    expect(test.logged.at(-1)).toContain('"sqs"');
    sqs.destroy();
  });

  it('that breaks the service is a 500 without the reason, which the log has', async () => {
    const broken = client.send(new ListTablesCommand({}));
    await expect(broken).rejects.toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
    await expect(broken).rejects.not.toThrow(/broke/);
    expect(test.logged.at(-1)).toContain('the table service broke');
  });

  it('of more than 20 MB is refused', async () => {
    const scope = `key/20300101/${place.region}/dynamodb/aws4_request`;
    const headers = {
      'content-length': String(21 * 1024 * 1024),
      'x-amz-date': '20300101T000000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    };
    const status = await new Promise((resolve, reject) => {
      const request = http.request(test.door.url, { method: 'POST', headers }, ({ statusCode }) => {
        resolve(statusCode);
        request.destroy();
      });
      request.on('error', reject).flushHeaders();
    });
    expect(status).toBe(413);
  });
});

describe('a fault', () => {
  it('fails as many calls as asked, of the action asked, without running them', async () => {
    const error = { code: 'ProvisionedThroughputExceededException', status: 400 };
    test.door.faults.fail({ service: 'dynamodb', action: 'GetItem', error, times: 2 });
    test.ran.length = 0;
    await client.send(batch('A#one#x'));
    await expect(client.send(get('A#one#x'))).rejects.toMatchObject({ name: error.code });
    await expect(client.send(get('A#one#x'))).rejects.toMatchObject({ name: error.code });
    expect(test.ran.splice(0)).toEqual(['BatchGetItem']);
    await client.send(get('A#one#x'));
  });

  it('can lose the answer of a call that took effect', async () => {
    const error = { code: 'InternalServerError', status: 500 };
    test.door.faults.fail({ service: 'dynamodb', action: 'GetItem', error, times: 1, when: 'after' });
    test.ran.length = 0;
    await expect(client.send(get('A#one#x'))).rejects.toMatchObject({ name: error.code });
    expect(test.ran).toEqual(['GetItem']);
    expect(test.calls.at(-1)).toMatchObject({ action: 'GetItem', error: error.code });
  });

  it('never hides that a call was not allowed', async () => {
    test.door.faults.fail({ service: 'dynamodb', action: '*', error: { code: 'InternalServerError', status: 500 } });
    await expect(client.send(get('A#two#x'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(client.send(get('A#one#x'))).rejects.toMatchObject({ name: 'InternalServerError' });
    test.door.faults.clear('dynamodb');
    await client.send(get('A#one#x'));
  });
});

describe('close', () => {
  it('ends at once, with a connection kept alive and a call in flight', async () => {
    const hanging = await openDoor(() => [
      {
        signingName: 'sqs',
        operation: () => ({ name: 'ListQueues', demands: [], run: () => new Promise(() => {}) }),
        errorResponse: () => ({ status: 500 }),
      },
    ]);
    const config = clientConfig(hanging, hanging.session('Any', allow({ Action: '*', Resource: '*' })));
    const idle = new DynamoDBClient(config);
    await idle.send(get('x'));
    const busy = new SQSClient(config);
    const call = busy.send(new ListQueuesCommand({})).catch((error: Error) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = performance.now();
    await hanging.door.close();
    expect(performance.now() - started).toBeLessThan(500);
    expect(await call).toBeInstanceOf(Error);
    idle.destroy();
    busy.destroy();
  });

  it('a port that is taken is an error', async () => {
    const { createFrontDoor } = await import('../../../infra/local/front-door/server.ts');
    const { authority, clock, door } = test;
    const again = createFrontDoor({ authority, services: [], place, clock, log: () => {}, port: door.port });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
