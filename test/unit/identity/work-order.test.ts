/** Work orders: who gets one sealed, and that the broker opens a session for nothing but a genuine one. */

import type { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { brokerCredentials } from '../../../shared/identity/broker-credentials.ts';
import type { Identity } from '../../../shared/identity/identity.ts';
import { ORDER_LIFE_MS, openOrder, sealOrder, type WorkOrder } from '../../../shared/identity/work-order.ts';
import { fakeKms } from '../../support/fake-kms.ts';

const ACME = 'acc_00000000000000000000000001';
const GLOBEX = 'acc_00000000000000000000000002';
const GONE = 'acc_00000000000000000000000003';
const SUSPENDED = 'acc_00000000000000000000000004';
const NOW = Date.UTC(2026, 0, 1);
const ORDER: WorkOrder = { account: ACME, rights: ['products.write'], issuedAt: NOW };

const kms = fakeKms();
const seal = { kms: kms as unknown as KMSClient, masterKeyId: 'key' };

function broker(identity?: Identity, now = NOW) {
  const statuses: Record<string, string> = { [ACME]: 'active', [GLOBEX]: 'active', [SUSPENDED]: 'suspended' };
  const db = {
    send: async ({ input }: GetItemCommand) => {
      const status = statuses[String(input.Key?.pk?.S).slice('ACCOUNT#'.length)];
      return status ? { Item: { status: { S: status }, createdAt: { N: '1' } } } : {};
    },
  } as unknown as DynamoDBClient;
  const made = { AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't', Expiration: new Date(now) };
  const tagged: unknown[] = [];
  const sts = {
    send: async ({ input }: { input: { Tags: unknown } }) => {
      tagged.push(input.Tags);
      return { Credentials: made };
    },
  } as unknown as STSClient;
  const ask = brokerCredentials({
    establish: async (token) => (token === 'good' ? identity : undefined),
    directory: { db, table: 'directory' },
    sts,
    accountDataRole: 'arn:role',
    seal,
    now: () => now,
  });
  return { ask, tagged };
}

const client: Identity = {
  kind: 'client',
  account: ACME,
  client: 'cli_00000000000000000000000001',
  status: 'active',
  scopes: ['products.write', 'operator'],
};
const sealing = (account = ACME, token = 'good') => ({ kind: 'seal', token, account });
const showing = (order: string, account = ACME) => ({ kind: 'order', order, account });

describe('an order', () => {
  it('is sealed for a token of its account, and opens a session of that account alone', async () => {
    const { ask, tagged } = broker(client);
    const sealed = await ask(sealing());
    if (!('order' in sealed)) throw new Error('no order');
    expect(await ask(showing(sealed.order))).toMatchObject({ granted: true, credentials: { accessKeyId: 'a' } });
    expect(tagged).toEqual([[{ Key: 'account', Value: ACME }]]);
  });

  it('carries the rights of the token that it was sealed for, at most those of a viewer for a viewer', async () => {
    const rightsOf = async (identity: Identity) => {
      const sealed = await broker(identity).ask(sealing());
      if (!('order' in sealed)) throw new Error('no order');
      return (await openOrder(seal, { account: ACME, order: sealed.order }, NOW))?.rights;
    };
    expect(await rightsOf(client)).toEqual(['products.write']);
    const member = 'mbr_00000000000000000000000001';
    const memberships = [{ account: ACME, member, role: 'viewer', status: 'active' }] as const;
    const asked = ['products.read', 'products.write'];
    const viewer: Identity = { kind: 'member', sub: 's', memberships: [...memberships], scopes: asked };
    expect(await rightsOf(viewer)).toEqual(['products.read']);
  });

  it('is sealed for nobody else', async () => {
    const operator: Identity = { kind: 'operator', id: 'o', scopes: ['operator'] };
    const answers = await Promise.all([
      broker(client).ask(sealing(GLOBEX)),
      broker({ ...client, status: 'suspended' }).ask(sealing()),
      broker(operator).ask(sealing(GONE)),
      broker(client).ask(sealing(ACME, 'bad')),
    ]);
    expect(answers.map((answer) => 'reason' in answer && answer.reason)).toEqual([
      'denied',
      'denied',
      'denied',
      'invalid-token',
    ]);
  });
});

describe('no session is given', () => {
  const refused = async (order: string, account = ACME, now = NOW) => {
    const { ask, tagged } = broker(undefined, now);
    const answer = await ask(showing(order, account));
    expect(tagged).toEqual([]);
    return 'reason' in answer ? answer.reason : 'given';
  };

  it('for another account’s order', async () => {
    expect(await refused(await sealOrder(seal, ORDER), GLOBEX)).toBe('invalid-order');
  });

  it('for one that says another account than it is bound to', async () => {
    const forged = await kms.encrypt(JSON.stringify({ ...ORDER, account: GLOBEX }), { workOrder: ACME });
    expect(await refused(forged)).toBe('invalid-order');
  });

  it('for a forged or an altered one', async () => {
    const sealed = Buffer.from(await sealOrder(seal, ORDER), 'base64');
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    for (const forged of [sealed.toString('base64'), 'AAAA', Buffer.from(JSON.stringify(ORDER)).toString('base64')]) {
      expect(await refused(forged)).toBe('invalid-order');
    }
  });

  it('for what an account’s own session can make under the key', async () => {
    const EncryptionContext = { account: ACME, workOrder: ACME };
    const { CiphertextBlob } = await seal.kms.send(new GenerateDataKeyCommand({ KeyId: 'key', EncryptionContext }));
    expect(await refused(Buffer.from(CiphertextBlob ?? []).toString('base64'))).toBe('invalid-order');
  });

  it('for one that is too old', async () => {
    const order = await sealOrder(seal, ORDER);
    expect(await broker(undefined, NOW + ORDER_LIFE_MS - 1).ask(showing(order))).toMatchObject({ granted: true });
    expect(await refused(order, ACME, NOW + ORDER_LIFE_MS)).toBe('invalid-order');
  });

  it.each([
    ['gone', GONE],
    ['suspended', SUSPENDED],
  ])('for one whose account is %s', async (_state, account) => {
    expect(await refused(await sealOrder(seal, { ...ORDER, account }), account)).toBe('denied');
  });
});
