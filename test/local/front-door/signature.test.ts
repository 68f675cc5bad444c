import { createHash } from 'node:crypto';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeThingCommand, IoTClient } from '@aws-sdk/client-iot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credentials } from '../../../infra/local/front-door/sessions.ts';
import type { TestDoor } from './door.ts';
import { allow, clientConfig, openDoor } from './door.ts';

interface SignedRequest {
  headers: Record<string, string>;
  body: string | Uint8Array;
  path: string;
  query: Record<string, string>;
}

let test: TestDoor;
let credentials: Credentials;
const get = new GetItemCommand({ TableName: 'Main', Key: { pk: { S: 'mine' } } });

/** Changes one member of a request in place; fails when there is nothing to change. */
function replaceIn<K extends string>(
  target: { [name in K]?: string | Uint8Array },
  name: K,
  from: string | RegExp,
  to: string | ((match: string) => string),
): void {
  const before = String(target[name]);
  const after = before.replace(from, (match) => (typeof to === 'string' ? to : to(match)));
  if (after === before) throw new Error(`nothing to alter in ${name}`);
  target[name] = after;
}

/** Sends one call that `alter` changes after it was signed. */
async function call(
  alter: (request: SignedRequest) => void = () => {},
  config: { credentials?: Credentials; systemClockOffset?: number; region?: string } = {},
) {
  const client = new DynamoDBClient({ ...clientConfig(test, credentials), ...config });
  client.middlewareStack.add(
    (next) => (args) => {
      alter(args.request as SignedRequest);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  try {
    return await client.send(get);
  } finally {
    client.destroy();
  }
}

const MINUTE = 60_000;
const invalid = { name: 'InvalidSignatureException', $metadata: { httpStatusCode: 403 } };

beforeAll(async () => {
  test = await openDoor(() => [
    {
      signingName: 'iot',
      operation: ({ url }) => ({
        name: 'DescribeThing',
        demands: [],
        run: async () => ({ status: 200, body: JSON.stringify({ thingName: decodeURIComponent(url.pathname) }) }),
      }),
      errorResponse: ({ code, message, status }) => ({
        status,
        headers: { 'x-amzn-errortype': code },
        body: JSON.stringify({ message }),
      }),
    },
  ]);
  credentials = test.session('Reader', allow({ Action: 'dynamodb:*', Resource: '*' }));
});
afterAll(() => test.door.close());

describe('a signature', () => {
  it('of an SDK client is accepted', async () => {
    expect((await call()).Item).toEqual({ pk: { S: 'mine' } });
  });

  it('covers a path with escapes', async () => {
    const iot = new IoTClient(clientConfig(test, credentials));
    const { thingName } = await iot.send(new DescribeThingCommand({ thingName: 'a:b c/d' }));
    expect(thingName).toBe('/things/a:b c/d');
    iot.destroy();
  });

  it.each<[string, (request: SignedRequest) => void]>([
    ['an altered body', (r) => replaceIn(r, 'body', 'mine', 'thei')],
    ['another target', (r) => Object.assign(r.headers, { 'x-amz-target': 'DynamoDB_20120810.Scan' })],
    ['another path', (r) => Object.assign(r, { path: '/x' })],
    ['a further query parameter', (r) => Object.assign(r, { query: { a: 'b' } })],
    ['broken escapes in the query', (r) => Object.assign(r, { path: '/?a=%' })],
    ['another signature', (r) => replaceIn(r.headers, 'authorization', /.$/, (c) => (c === '0' ? '1' : '0'))],
    ['a header added to those of Amazon', (r) => Object.assign(r.headers, { 'x-amz-extra': 'x' })],
    [
      'an altered body with a hash that fits it',
      (r) => {
        replaceIn(r, 'body', 'mine', 'thei');
        r.headers['x-amz-content-sha256'] = createHash('sha256').update(r.body).digest('hex');
      },
    ],
    ['a body declared unsigned', (r) => Object.assign(r.headers, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })],
    ['another service in the scope', (r) => replaceIn(r.headers, 'authorization', '/dynamodb/', '/sts/')],
    ['a host left unsigned', (r) => replaceIn(r.headers, 'authorization', 'host;', '')],
  ])('refuses %s', async (_, alter) => {
    const failed = await call(alter).catch((error: unknown) => error);
    // STS answers in XML, which this client can't read: the status must do.
    expect(failed).toMatchObject({ $metadata: { httpStatusCode: 403 } });
    expect(test.calls.at(-1)).toMatchObject({ error: 'InvalidSignatureException', principal: undefined });
  });

  it('refuses a wrong secret', async () => {
    const wrong = { ...credentials, secretAccessKey: 'x'.repeat(40) };
    await expect(call(undefined, { credentials: wrong })).rejects.toMatchObject(invalid);
  });

  it('refuses another region', async () => {
    await expect(call(undefined, { region: 'us-east-1' })).rejects.toMatchObject(invalid);
  });

  it('refuses an unknown key', async () => {
    const unknown = { ...credentials, accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' };
    const failure = { name: 'UnrecognizedClientException' };
    await expect(call(undefined, { credentials: unknown })).rejects.toMatchObject(failure);
  });

  it("refuses another session's token, and none", async () => {
    const other = test.session('Other');
    const mixed = { ...credentials, sessionToken: other.sessionToken };
    const { sessionToken: _, ...bare } = credentials;
    const failure = { name: 'UnrecognizedClientException' };
    await expect(call(undefined, { credentials: mixed })).rejects.toMatchObject(failure);
    await expect(call(undefined, { credentials: bare as Credentials })).rejects.toMatchObject(failure);
  });

  it('refuses a session that was revoked', async () => {
    const gone = test.session('Gone');
    test.authority.sessions.revoke(gone.accessKeyId);
    await expect(call(undefined, { credentials: gone })).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });

  it('refuses an unsigned call', async () => {
    const unsigned = call((r) => void delete r.headers.authorization);
    await expect(unsigned).rejects.toMatchObject({ name: 'MissingAuthenticationTokenException' });
  });

  it.each(['AWS4-HMAC-SHA256 nonsense', 'Basic abc', 'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request'])(
    'refuses the malformed header %s',
    async (authorization) => {
      const malformed = call((r) => Object.assign(r.headers, { authorization: authorization }));
      await expect(malformed).rejects.toMatchObject({ name: 'IncompleteSignatureException' });
    },
  );

  it('is good for fifteen minutes, before and after', async () => {
    await call(undefined, { systemClockOffset: -14 * MINUTE });
    await call(undefined, { systemClockOffset: 14 * MINUTE });
    await expect(call(undefined, { systemClockOffset: -16 * MINUTE })).rejects.toThrow(/Signature expired/);
    await expect(call(undefined, { systemClockOffset: 16 * MINUTE })).rejects.toThrow(/not yet current/);
  });
});

describe('when the clock of the host is moved', () => {
  it("the answer's Date leads an SDK client to the new time, and a function's session lives on", async () => {
    test.clock.advance(40 * 24 * 60 * MINUTE);
    const client = new DynamoDBClient({ ...clientConfig(test, credentials), systemClockOffset: 0, maxAttempts: 2 });
    const { $metadata } = await client.send(get);
    expect($metadata.attempts).toBe(2);
    client.destroy();
  });
});
