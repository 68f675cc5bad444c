/** What the provisioner writes to the directory: numbers of devices, and the count of revocations. AWS IoT is played. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as directory from '../../../shared/directory/directory.ts';
import { accountKey } from '../../../shared/directory/directory-keys.ts';
import type { Identity } from '../../../shared/identity/identity.ts';
import { provision } from '../../../shared/provisioning/provision.ts';
import type { ProvisionerAnswer, ProvisionerRequest } from '../../../shared/provisioning/provisioner-protocol.ts';
import type { Things } from '../../../shared/provisioning/things.ts';
import { type EmbeddedTable, openEmbeddedTable } from '../../support/embedded-table.ts';
import { idOf } from '../ingest/ids.ts';

const [acme, other] = [idOf('account', 1), idOf('account', 2)];
const certificateOf = (n: number) => String(n).padStart(64, '0');

let table: EmbeddedTable;
let d: directory.Directory;
/** Certificates of each device. */
const attached = new Map<string, string[]>();
/** A call of AWS IoT that fails. */
let failing: keyof Things | undefined;
let made = 0;

const played =
  (act: (...args: string[]) => unknown, name: keyof Things) =>
  async (...args: string[]) => {
    if (failing === name) throw new Error('A test asked for this failure.');
    return act(...args);
  };
const things = {
  addProduct: played(() => undefined, 'addProduct'),
  removeProduct: played(() => undefined, 'removeProduct'),
  addDevice: played(() => undefined, 'addDevice'),
  removeDevice: played(() => undefined, 'removeDevice'),
  cut: played(() => undefined, 'cut'),
  certificates: played((device = '') => attached.get(device) ?? [], 'certificates'),
  addCertificate: played((device = '') => {
    const certificateId = certificateOf(++made);
    attached.set(device, [...(attached.get(device) ?? []), certificateId]);
    return { certificateId, certificatePem: 'pem', arn: 'arn' };
  }, 'addCertificate'),
  removeCertificate: played((device = '', id = '') => {
    attached.set(
      device,
      (attached.get(device) ?? []).filter((each) => each !== id),
    );
  }, 'removeCertificate'),
} as unknown as Things;

beforeAll(async () => {
  table = await openEmbeddedTable();
  d = { db: table.db, table: table.table };
  for (const account of [acme, other]) {
    const Item = marshall({ ...accountKey(account), status: 'active', createdAt: 0 });
    await table.db.send(new PutItemCommand({ TableName: table.table, Item }));
  }
});
afterAll(() => table.close());

const run = (
  account: string,
  command: ProvisionerRequest['command'],
  proof: object = { token: 't' },
): Promise<ProvisionerAnswer> =>
  provision({
    directory: d,
    things,
    honourOrder: async ({ order }) =>
      order === 'none' ? { reason: 'invalid-order' } : { rights: [order as 'products.write'] },
    endpoint: async () => ({ endpoint: 'host', port: 8883, caPem: 'ca' }),
    establish: async (): Promise<Identity> => ({
      kind: 'client',
      account,
      client: idOf('apiClient', 1),
      status: 'active',
      scopes: ['products.write', 'devices.write'],
    }),
  })({ ...proof, account, command });

let ids = 0;
async function newProduct(): Promise<string> {
  const product = idOf('product', ++ids);
  expect(await run(acme, { kind: 'add-product', product })).toEqual({ done: true });
  return product;
}
const newDevice = async (product: string, account = acme) => {
  const device = idOf('device', ++ids);
  return { device, answer: await run(account, { kind: 'add-device', product, device }) };
};

describe('a device', () => {
  it('gets the next number of its product, also when many come at once, and keeps it in its rows', async () => {
    const [first, second] = [await newProduct(), await newProduct()];
    const answers = await Promise.all(Array.from({ length: 12 }, () => newDevice(first)));
    const numbers = answers.map(({ answer }) => answer.done && answer.number);
    expect(numbers.sort((a, b) => Number(a) - Number(b))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const { device, answer } = await newDevice(second);
    expect(answer).toEqual({ done: true, number: 1 });
    expect(await directory.findDevice(d, device)).toEqual({ account: acme, product: second, number: 1 });
    const credential = idOf('credential', 1);
    await run(acme, { kind: 'add-certificate', product: second, device, credential });
    const [certificate = ''] = attached.get(device) ?? [];
    expect(await directory.findCertificate(d, certificate)).toMatchObject({ device, number: 1 });
  });

  it('never gets a number that was given before', async () => {
    const product = await newProduct();
    const { device } = await newDevice(product);
    await run(acme, { kind: 'remove-device', product, device });
    failing = 'addDevice';
    await expect(newDevice(product)).rejects.toThrow('asked for');
    failing = undefined;
    expect((await newDevice(product)).answer).toEqual({ done: true, number: 3 });
  });

  it('of a product that isn’t the account’s, or isn’t at all, is refused and counts nothing', async () => {
    const product = await newProduct();
    const refused = { done: false, reason: 'not-found' };
    expect((await newDevice(product, other)).answer).toEqual(refused);
    expect((await newDevice(idOf('product', 9999))).answer).toEqual(refused);
    expect(await directory.findProduct(d, idOf('product', 9999))).toBeUndefined();
    expect((await newDevice(product)).answer).toEqual({ done: true, number: 1 });
  });
});

describe('a job’s order', () => {
  it('removes a device where the token that it was sealed for could delete the product, and does nothing else', async () => {
    const product = await newProduct();
    const { device } = await newDevice(product);
    const remove = { kind: 'remove-device', product, device } as const;
    const forbidden = { done: false, reason: 'forbidden' };
    for (const order of ['none', 'products.read', 'readings.write'])
      expect(await run(acme, remove, { order })).toEqual(forbidden);
    expect(await run(acme, { kind: 'remove-product', product }, { order: 'products.write' })).toEqual(forbidden);
    expect(await directory.findDevice(d, device)).toBeDefined();
    expect(await run(acme, remove, { order: 'products.write' })).toEqual({ done: true });
    expect(await directory.findDevice(d, device)).toBeUndefined();
  });
});

describe('a revocation', () => {
  const revocations = async (account = acme) => {
    const states = await directory.findAccountStates(d, [account]);
    return states.get(account)?.revocations;
  };
  async function deviceWithCertificate() {
    const product = await newProduct();
    const { device } = await newDevice(product);
    await run(acme, { kind: 'add-certificate', product, device, credential: idOf('credential', ++ids) });
    return { product, device, certificateId: attached.get(device)?.[0] ?? '' };
  }

  it('is counted for its account, and for no other', async () => {
    const { device, certificateId } = await deviceWithCertificate();
    const before = await revocations();
    await run(acme, { kind: 'remove-certificate', device, certificateId });
    expect(await directory.findCertificate(d, certificateId)).toBeUndefined();
    expect(await revocations()).toBeGreaterThan(before ?? Number.NaN);
    expect(await revocations(other)).toBe(0);
  });

  it('is counted before anything else can fail, and again when it is tried again', async () => {
    const { product, device, certificateId } = await deviceWithCertificate();
    const before = (await revocations()) ?? Number.NaN;
    failing = 'removeCertificate';
    await expect(run(acme, { kind: 'remove-device', product, device })).rejects.toThrow('asked for');
    const after = (await revocations()) ?? Number.NaN;
    expect(after).toBeGreaterThan(before);
    expect(await directory.findCertificate(d, certificateId)).toBeUndefined();
    failing = undefined;
    await run(acme, { kind: 'remove-device', product, device });
    expect(await revocations()).toBeGreaterThan(after);
  });

  it('by another account is refused and counts nothing', async () => {
    const { device, certificateId } = await deviceWithCertificate();
    const before = await revocations();
    const command = { kind: 'remove-certificate' as const, device, certificateId };
    expect(await run(other, command)).toEqual({ done: false, reason: 'not-found' });
    expect([await revocations(), await revocations(other)]).toEqual([before, 0]);
  });

  it('that meets others at once is counted all the same', async () => {
    const all = [await deviceWithCertificate(), await deviceWithCertificate(), await deviceWithCertificate()];
    await Promise.all(
      all.map(({ device, certificateId }) => run(acme, { kind: 'remove-certificate', device, certificateId })),
    );
    for (const { certificateId } of all) expect(await directory.findCertificate(d, certificateId)).toBeUndefined();
  });
});
