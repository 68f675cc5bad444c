/** A token that can't be judged is not a bad token: whoever is out of reach, nobody is told to sign in again. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { establishIdentity } from '../../../shared/identity/establish-identity.ts';

const POOL = 'eu-central-1_People';
const ACCOUNT = 'acc_00000000000000000000000001';
const KID = 'key';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

let server: Server;
let keys: 'there' | 'gone';
beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(keys === 'there' ? 200 : 503, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KID, alg: 'RS256', use: 'sig' }] }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** A client's access token, as Cognito signs it. */
function token(claims: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 60;
  const all = {
    sub: 'c',
    client_id: 'c',
    token_use: 'access',
    iss: issuer(POOL),
    exp,
    scope: 'custodia/devices.read',
    ...claims,
  };
  const signed = `${part({ alg: 'RS256', kid: KID })}.${part(all)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
}
const issuer = (pool: string) => `https://cognito-idp.eu-central-1.amazonaws.com/${pool}`;

function establish(directory: (key: string | undefined) => object) {
  const send = async ({ input }: GetItemCommand) => directory(input.Key?.pk?.S);
  const { port } = server.address() as AddressInfo;
  return establishIdentity(
    {
      userPoolId: POOL,
      operatorPoolId: 'eu-central-1_Operators',
      operatorClientId: 'operator',
      jwksEndpoint: `http://127.0.0.1:${port}/`,
    },
    { db: { send } as unknown as DynamoDBClient, table: 'directory' },
  );
}
const rows: Record<string, object> = {
  'CLIENT#c': { Item: { account: { S: ACCOUNT }, client: { S: 'cli_00000000000000000000000001' } } },
  [`ACCOUNT#${ACCOUNT}`]: { Item: { status: { S: 'active' }, createdAt: { N: '1' } } },
};
const known = (key: string | undefined) => rows[key ?? ''] ?? {};

it('finds the client, its account and its scopes', async () => {
  keys = 'there';
  expect(await establish(known)(token())).toMatchObject({ kind: 'client', account: ACCOUNT, scopes: ['devices.read'] });
});

it('a client, or its account, that is not in the directory is nobody', async () => {
  keys = 'there';
  expect(await establish(() => ({}))(token())).toBeUndefined();
  const withoutAccount = (key: string | undefined) => (key === 'CLIENT#c' ? known(key) : {});
  expect(await establish(withoutAccount)(token())).toBeUndefined();
});

it.each([
  ['expired', { exp: 1 }],
  ['an ID token', { token_use: 'id' }],
  ['of another pool', { iss: issuer('eu-central-1_Elsewhere') }],
])('a token that is %s is nobody’s', async (_what, claims) => {
  keys = 'there';
  expect(await establish(known)(token(claims))).toBeUndefined();
});

it('throws while the keys of tokens can’t be read', async () => {
  keys = 'gone';
  await expect(establish(known)(token())).rejects.toThrow();
});

it('throws while the directory can’t be read', async () => {
  keys = 'there';
  const throttled = () => {
    throw new Error('throttled');
  };
  await expect(establish(throttled)(token())).rejects.toThrow('throttled');
});
