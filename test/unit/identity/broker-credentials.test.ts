/** Whom the broker gives whose session: the whole table, and what it asks STS for. */
import type { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { AssumeRoleCommand, AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { brokerCredentials } from '../../../shared/identity/broker-credentials.ts';
import { secretHash } from '../../../shared/identity/connector-proof.ts';
import type { Identity, Membership } from '../../../shared/identity/identity.ts';

const ACME = 'acc_00000000000000000000000001';
const GLOBEX = 'acc_00000000000000000000000002';
const NEW = 'acc_00000000000000000000000003';
const PRODUCT = 'prd_00000000000000000000000001';
const CONNECTOR = 'con_00000000000000000000000001';
const EXPIRES = new Date('2026-03-01T10:00:00Z');
const OPENING = { purpose: 'operator.accounts.open' };

const membership = (account: string, status: Membership['status'] = 'active'): Membership => ({
  account,
  member: 'mbr_00000000000000000000000001',
  role: 'viewer',
  status,
});
const member = (...memberships: Membership[]): Identity => ({
  kind: 'member',
  sub: 's',
  memberships,
  scopes: ['operator'],
});
const client = (status: Membership['status']): Identity => ({
  kind: 'client',
  account: ACME,
  client: 'cli_00000000000000000000000001',
  status,
  scopes: ['operator'],
});
const operator = (...scopes: string[]): Identity => ({ kind: 'operator', id: 'o', scopes });

const CONNECTOR_ROW = {
  account: ACME,
  product: PRODUCT,
  connectorKind: 'json',
  createDevices: true,
  secretHash: secretHash('secret'),
};

/** The directory knows two accounts and a connector; STS answers as it does, or only part of it. */
function broker(
  identity: Identity | undefined,
  credentials: object = { AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't' },
  status: Membership['status'] = 'active',
) {
  const asked: AssumeRoleCommandInput[] = [];
  const db = {
    send: async ({ input }: GetItemCommand) => {
      if (input.Key?.pk?.S === `CONNECTOR#${CONNECTOR}`) return { Item: marshall(CONNECTOR_ROW) };
      return [ACME, GLOBEX].some((account) => input.Key?.pk?.S === `ACCOUNT#${account}`)
        ? { Item: marshall({ status, createdAt: 1 }) }
        : {};
    },
  } as unknown as DynamoDBClient;
  const sts = {
    send: async ({ input }: AssumeRoleCommand) => {
      asked.push(input);
      return { Credentials: { ...credentials, Expiration: EXPIRES } };
    },
  } as unknown as STSClient;
  const ask = brokerCredentials({
    establish: async () => identity,
    directory: { db, table: 'directory' },
    sts,
    accountDataRole: 'arn:role',
    seal: { kms: {} as KMSClient, masterKeyId: 'key' },
    now: () => 0,
  });
  return {
    asked,
    ask: (account: string, more: object = {}) => ask({ kind: 'token', token: 'token', account, ...more }),
    askBySecret: (connector: string, secret: string, more: object = {}) =>
      ask({ kind: 'connector', connector, secret, ...more }),
  };
}

describe('a session is given', () => {
  it.each([
    ['a client of the account', client('active'), ACME, {}],
    ['a member', member(membership(ACME)), ACME, {}],
    ['a member of several accounts', member(membership(ACME), membership(GLOBEX)), GLOBEX, {}],
    [
      'a member whose other account is suspended',
      member(membership(ACME, 'suspended'), membership(GLOBEX)),
      GLOBEX,
      {},
    ],
    ['the operator who opens an account', operator('operator'), NEW, OPENING],
  ])('to %s: for one hour, with the account as its only tag', async (_who, identity, account, more) => {
    const { ask, asked } = broker(identity);
    expect(await ask(account, more)).toEqual({
      granted: true,
      account,
      credentials: { accessKeyId: 'a', secretAccessKey: 's', sessionToken: 't' },
      expiresAt: EXPIRES.getTime(),
    });
    expect(asked).toEqual([
      {
        RoleArn: 'arn:role',
        RoleSessionName: account,
        DurationSeconds: 3600,
        Tags: [{ Key: 'account', Value: account }],
      },
    ]);
  });
});

describe('STS isn’t even asked', () => {
  it.each([
    ['a client of another account', client('active'), GLOBEX, {}],
    ['a client of a suspended account', client('suspended'), ACME, {}],
    ['a client that names the operator’s purpose', client('active'), NEW, OPENING],
    ['a member of another account', member(membership(ACME)), GLOBEX, {}],
    ['a member of a suspended account', member(membership(ACME, 'suspended'), membership(GLOBEX)), ACME, {}],
    ['a member whose token says operator', member(membership(ACME)), NEW, OPENING],
    ['a person without memberships', member(), ACME, {}],
    ['the operator without a purpose', operator('operator'), NEW, {}],
    ['the operator, for an account that exists', operator('operator'), ACME, OPENING],
    ['the operator without the scope', operator(), NEW, OPENING],
  ])('for %s', async (_who, identity, account, more) => {
    const { ask, asked } = broker(identity);
    expect(await ask(account, more)).toEqual({ granted: false, reason: 'denied' });
    expect(asked).toEqual([]);
  });

  it('for a token that stands for nobody', async () => {
    const { ask, asked } = broker(undefined);
    expect(await ask(ACME)).toEqual({ granted: false, reason: 'invalid-token' });
    expect(asked).toEqual([]);
  });
});

it.each(['*', '', 'acc_*', `${ACME}#`, ` ${ACME}`, ACME.toUpperCase()])(
  'breaks off at the account %j',
  async (account) => {
    const { ask, asked } = broker(client('active'));
    await expect(ask(account)).rejects.toThrow();
    expect(asked).toEqual([]);
  },
);

it('breaks off at half an answer of STS: no client may fall back to other credentials', async () => {
  await expect(broker(client('active'), { AccessKeyId: 'a', SecretAccessKey: 's' }).ask(ACME)).rejects.toThrow('STS');
});

describe('a connector', () => {
  it('gets the session of its own account for its secret, and is told what it is', async () => {
    // No token stands for anybody here: the secret alone proves.
    const { askBySecret, asked } = broker(undefined);
    expect(await askBySecret(CONNECTOR, 'secret')).toEqual({
      granted: true,
      account: ACME,
      connector: { product: PRODUCT, kind: 'json', createDevices: true },
      credentials: { accessKeyId: 'a', secretAccessKey: 's', sessionToken: 't' },
      expiresAt: EXPIRES.getTime(),
    });
    expect(asked.map(({ Tags }) => Tags)).toEqual([[{ Key: 'account', Value: ACME }]]);
  });

  it.each([
    ['a wrong secret', CONNECTOR, 'Secret'],
    ['half a secret', CONNECTOR, 'secre'],
    ['the hash of the secret', CONNECTOR, CONNECTOR_ROW.secretHash],
    ['a connector that isn’t there', CONNECTOR.replace('1', '2'), 'secret'],
  ])('is refused alike for %s', async (_, connector, secret) => {
    const { askBySecret, asked } = broker(client('active'));
    expect(await askBySecret(connector, secret)).toEqual({ granted: false, reason: 'invalid-token' });
    expect(asked).toEqual([]);
  });

  it('of a suspended account is denied', async () => {
    const { askBySecret, asked } = broker(undefined, undefined, 'suspended');
    expect(await askBySecret(CONNECTOR, 'secret')).toEqual({ granted: false, reason: 'denied' });
    expect(asked).toEqual([]);
  });

  it.each([{ account: GLOBEX }, { token: 'token' }, { token: 'token', account: ACME }, OPENING])(
    'may not add %j to its proof',
    async (more) => {
      const { askBySecret, asked } = broker(client('active'));
      await expect(askBySecret(CONNECTOR, 'secret', more)).rejects.toThrow();
      expect(asked).toEqual([]);
    },
  );
});
