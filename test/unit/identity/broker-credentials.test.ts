/** Whom the broker gives whose session: the whole table, and what it asks STS for. */
import type { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { AssumeRoleCommand, AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { brokerCredentials } from '../../../shared/identity/broker-credentials.ts';
import type { Identity, Membership } from '../../../shared/identity/identity.ts';

const ACME = 'acc_00000000000000000000000001';
const GLOBEX = 'acc_00000000000000000000000002';
const NEW = 'acc_00000000000000000000000003';
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

/** The directory knows two accounts; STS answers as it does, or only part of it. */
function broker(
  identity: Identity | undefined,
  credentials: object = { AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't' },
) {
  const asked: AssumeRoleCommandInput[] = [];
  const db = {
    send: async ({ input }: GetItemCommand) =>
      [ACME, GLOBEX].some((account) => input.Key?.pk?.S === `ACCOUNT#${account}`)
        ? { Item: { status: { S: 'active' }, createdAt: { N: '1' } } }
        : {},
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
