/** What the provisioner does for a connector's secret: it makes a device of the connector's own product, and nothing else. */
import { type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { secretHash } from '../../../shared/identity/connector-proof.ts';
import { type ProvisionerDeps, provision } from '../../../shared/provisioning/provision.ts';
import { idOf } from '../ingest/ids.ts';

const [ACME, GLOBEX] = [idOf('account', 1), idOf('account', 2)];
const [OURS, BESIDE, THEIRS] = [idOf('product', 1), idOf('product', 2), idOf('product', 3)];
const [MAKES, TAKES, STRAY] = [idOf('connector', 1), idOf('connector', 2), idOf('connector', 3)];
const DEVICE = idOf('device', 1);

function provisioner(status = 'active') {
  const row = { account: ACME, product: OURS, connectorKind: 'json', secretHash: secretHash('secret') };
  const rows = new Map<string, object>([
    [`ACCOUNT#${ACME}`, { status, createdAt: 1 }],
    [`PRODUCT#${OURS}`, { account: ACME }],
    [`PRODUCT#${BESIDE}`, { account: ACME }],
    [`PRODUCT#${THEIRS}`, { account: GLOBEX }],
    [`CONNECTOR#${MAKES}`, { ...row, createDevices: true }],
    [`CONNECTOR#${TAKES}`, { ...row, createDevices: false }],
    // As a hostile handler might have it registered.
    [`CONNECTOR#${STRAY}`, { ...row, product: THEIRS, createDevices: true }],
  ]);
  const db = {
    send: async ({
      input,
    }: {
      input: {
        Key?: { pk: { S: string } };
        UpdateExpression?: string;
        ExpressionAttributeValues?: Record<string, { S?: string }>;
        TransactItems?: [{ Put: { Item: Record<string, { S: string; N: string }> } }];
      };
    }) => {
      const [item] = input.TransactItems ?? [];
      // The product's count of devices, which is the next one's number.
      if (input.UpdateExpression) {
        const product = rows.get(input.Key?.pk.S ?? '') as { account: string; devices?: number };
        product.devices = (product.devices ?? 0) + 1;
        return { Attributes: marshall({ devices: product.devices }) };
      }
      if (!item) {
        const found = rows.get(input.Key?.pk.S ?? '');
        return found ? { Item: marshall(found) } : {};
      }
      const { pk, account, product, number } = item.Put.Item;
      if (rows.has(pk?.S ?? ''))
        throw new TransactionCanceledException({
          message: '',
          $metadata: {},
          CancellationReasons: [{ Code: 'ConditionalCheckFailed' }],
        });
      rows.set(pk?.S ?? '', { account: account?.S, product: product?.S, number: Number(number?.N) });
      return {};
    },
  } as unknown as DynamoDBClient;
  const things: unknown[] = [];
  const deps = {
    establish: async () => undefined,
    directory: { db, table: 'directory' },
    things: { addDevice: async (...of: unknown[]) => void things.push(of) },
  } as unknown as ProvisionerDeps;
  const ask = (connector: string, command: object, secret = 'secret') =>
    provision(deps)({ connector, secret, command });
  return { ask, things, rows };
}

const add = (product: string, device = DEVICE) => ({ kind: 'add-device', product, device });

describe('a connector', () => {
  it('that makes devices has one made, of its own product, as often as it asks', async () => {
    const { ask, things, rows } = provisioner();
    const answers = await Promise.all([ask(MAKES, add(OURS)), ask(MAKES, add(OURS))]);
    const row = rows.get(`DEVICE#${DEVICE}`);
    expect(row).toEqual({ account: ACME, product: OURS, number: expect.any(Number) });
    // Whoever came second learns the number that the first one was given.
    for (const answer of answers) expect(answer).toEqual({ done: true, number: (row as { number: number }).number });
    expect(things).toEqual([1, 2].map(() => [DEVICE, { account: ACME, product: OURS }]));
  });

  it.each([
    ['a wrong secret', MAKES, add(OURS), 'wrong', 'invalid-token'],
    ['a connector that isn’t there', idOf('connector', 9), add(OURS), 'secret', 'invalid-token'],
    ['one that makes no devices', TAKES, add(OURS), 'secret', 'forbidden'],
    ['another product of its account', MAKES, add(BESIDE), 'secret', 'forbidden'],
    ['a product that its row names, of another account', STRAY, add(THEIRS), 'secret', 'not-found'],
  ])('is refused for %s', async (_, connector, command, secret, reason) => {
    const { ask, things } = provisioner();
    expect(await ask(connector, command, secret)).toEqual({ done: false, reason });
    expect(things).toEqual([]);
  });

  it('of a suspended account is refused, and so is a device that is another account’s', async () => {
    expect(await provisioner('suspended').ask(MAKES, add(OURS))).toEqual({ done: false, reason: 'forbidden' });
    const { ask, rows, things } = provisioner();
    rows.set(`DEVICE#${DEVICE}`, { account: GLOBEX, product: THEIRS, number: 1 });
    expect(await ask(MAKES, add(OURS))).toEqual({ done: false, reason: 'not-found' });
    expect(things).toEqual([]);
  });

  it.each([
    { kind: 'remove-device', product: OURS, device: DEVICE },
    { kind: 'add-certificate', product: OURS, device: DEVICE, credential: idOf('credential', 1) },
    { kind: 'remove-product', product: OURS },
  ])('may not ask for %j', async (command) => {
    const { ask, things } = provisioner();
    await expect(ask(MAKES, command)).rejects.toThrow();
    expect(things).toEqual([]);
  });
});
