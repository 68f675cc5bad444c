/** Numbers of devices and back, over a real table: what is asked once is not asked again. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { numberKey } from '../../../shared/device/device-keys.ts';
import { devicesByNumber, numbersByDevice } from '../../../shared/device/device-numbers.ts';
import { type EmbeddedTable, openEmbeddedTable } from '../../support/embedded-table.ts';

let table: EmbeddedTable;
let asked = 0;
beforeAll(async () => {
  table = await openEmbeddedTable();
  table.db.middlewareStack.add(
    (next) => async (args) => {
      asked += 1;
      return next(args);
    },
    { step: 'initialize' },
  );
});
afterAll(() => table.close());

const give = (product: string, number: number) =>
  table.db.send(
    new PutItemCommand({
      TableName: table.table,
      Item: marshall({ ...numberKey('acc_a', product, number), device: `dev_${number}` }),
    }),
  );
const idsOf = async (...of: Parameters<typeof devicesByNumber>) => {
  const ids = await devicesByNumber(...of);
  return of[2].map((number) => ids.get(number));
};

it('neighbours are read together, and once for a session', async () => {
  for (const number of [1, 2, 99, 100, 2500]) await give('prd_a', number);
  const session = table.session('acc_a');
  asked = 0;
  expect(await idsOf(session, 'prd_a', [2, 100, 2500])).toEqual(['dev_2', 'dev_100', 'dev_2500']);
  expect(asked).toBe(3);
  expect(await idsOf(session, 'prd_a', [1, 2, 99, 100])).toEqual(['dev_1', 'dev_2', 'dev_99', 'dev_100']);
  expect(asked).toBe(3);
});

it('one that is new is found beside those that are known', async () => {
  await give('prd_b', 1);
  const session = table.session('acc_a');
  expect(await idsOf(session, 'prd_b', [1])).toEqual(['dev_1']);
  await give('prd_b', 2);
  expect(await idsOf(session, 'prd_b', [1, 2])).toEqual(['dev_1', 'dev_2']);
});

it('one that was never given is an error; products and accounts have numbers of their own', async () => {
  await give('prd_c', 7);
  await expect(idsOf(table.session('acc_a'), 'prd_c', [8])).rejects.toThrow('never was');
  await expect(idsOf(table.session('acc_a'), 'prd_none', [7])).rejects.toThrow('never was');
  await expect(idsOf(table.session('acc_b'), 'prd_c', [7])).rejects.toThrow('never was');
});

it('of a device that is gone is found by its own item; what never was is absent', async () => {
  await give('prd_d', 12);
  const numbers = await numbersByDevice(table.session('acc_a'), 'prd_d', ['dev_12', 'dev_13']);
  expect([numbers.get('dev_12'), numbers.get('dev_13')]).toEqual([12, undefined]);
});
