/** Fresh blocks over a real table: where they lie, what is read of them, and how they are replaced. */
import { createHash } from 'node:crypto';
import { decodeTime, ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceKey } from '../../../shared/device/device-keys.ts';
import { devices } from '../../../shared/device/device-store.ts';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import type { Group } from '../../../shared/readings/codec/block.ts';
import {
  type BlockFilter,
  type FreshBlock,
  type FreshRange,
  readFreshBlocks,
  replaceFreshBlock,
} from '../../../shared/readings/fresh-block-store.ts';
import { keepReadings } from '../../../shared/readings/keep-readings.ts';
import { type EmbeddedTable, openEmbeddedTable } from '../../support/embedded-table.ts';

const NOW = Date.parse('2026-03-02T10:00:00Z');
let at = NOW;
const newBlockId = () => ulid(++at);

let table: EmbeddedTable;
let products = 0;
beforeAll(async () => {
  table = await openEmbeddedTable();
});
afterAll(() => table.close());

const idOf = (number: number) => `dev_${number}`;
const group = (number: number, stream: string, ...values: unknown[]): Group => ({
  device: idOf(number),
  stream,
  buckets: [stream],
  rows: values.map((value, i) => ({ ts: NOW + i, receivedAt: NOW, value: value as string })),
});

/** A product of its own with so many devices, and a session that knows nothing of them. */
async function productOf(count: number) {
  const product = `prd_${++products}`;
  const session = table.session('acc_a');
  for (let number = 1; number <= count; number++) {
    const plain = { id: idOf(number), product, number };
    const device = devices.make(deviceKey('acc_a', product, idOf(number)), NOW, plain, { name: 'd' });
    // One product's devices have the same ids as another's here: what belongs to the account alone would be there already.
    const items = (await devices.add(session, device)).filter(({ Put }) => Put?.Item?.pk?.S !== 'A#acc_a#DEVICES');
    await writeTogether(session, items);
  }
  const keep = (...groups: Group[]) => keepReadings(table.session('acc_a'), { product, groups }, newBlockId);
  const read = (filter: BlockFilter & FreshRange = {}) => blocksIn(table.session('acc_a'), product, filter);
  return { product, session, keep, read };
}

async function blocksIn(session: AccountSession, product: string, filter: BlockFilter & FreshRange) {
  const found: FreshBlock[] = [];
  for await (const block of readFreshBlocks(session, product, filter)) found.push(block);
  return found;
}
const valuesIn = (blocks: FreshBlock[]) =>
  blocks.flatMap(({ groups }) => groups.flatMap(({ device, rows }) => rows.map(({ value }) => `${device} ${value}`)));

/** Text that deflate can't make smaller than by a quarter; the same for a seed. */
const noise = (seed: number, bytes: number) =>
  createHash('shake256', { outputLength: bytes }).update(String(seed)).digest('base64').slice(0, bytes);

describe('kept readings', () => {
  it('that are few make one block of all devices, which ends by itself after 14 days', async () => {
    const { product, keep, read } = await productOf(3);
    expect(await keep(group(3, 's', 'c'), group(1, 's', 'a'))).toEqual([]);
    const [block] = await read();
    expect(block).toMatchObject({ shard: '0', version: 0, whole: true });
    expect(valuesIn(await read())).toEqual(['dev_1 a', 'dev_3 c']);
    const [item] = (await table.items()).filter(({ pk }) => pk === `A#acc_a#P#${product}#FRESH`);
    expect(item).toMatchObject({ n: 2, lo: NOW, hi: NOW });
    expect(item?.ttl).toBe(Math.floor(decodeTime(block?.id ?? '') / 1000) + 14 * 86_400);
  });

  it.each([
    ['many', 300, 4],
    ['very many', 2000, 16],
  ])('that are %s are split by device, and come back whole', async (_, bytes, over) => {
    const { keep, read } = await productOf(32);
    const groups = Array.from({ length: 32 }, (__, i) => group(i + 1, 's', noise(i, bytes)));
    await keep(...groups);
    const blocks = await read();
    expect(blocks.map(({ shard }) => shard).sort()).toEqual(
      Array.from({ length: over }, (__, i) => `${over}.${i}`).sort(),
    );
    const found = new Map(blocks.flatMap((block) => block.groups.map((of) => [of.device, of])));
    expect([...found.values()].sort((a, b) => a.device.localeCompare(b.device))).toEqual(
      groups.sort((a, b) => a.device.localeCompare(b.device)),
    );
    const one = await read({ device: idOf(6) });
    expect(one.map(({ shard }) => shard)).toEqual([`${over}.6`.replace('4.6', '4.2')]);
    expect(valuesIn(one)).toEqual([`dev_6 ${noise(5, bytes)}`]);
  });

  it('of a device that never was are refused', async () => {
    const { keep } = await productOf(1);
    await expect(keep(group(2, 's', 1))).rejects.toThrow('never was');
  });
});

describe('reading', () => {
  it('follows the filter: what it leaves out is not there, and a block of which nothing is left neither', async () => {
    const { keep, read } = await productOf(2);
    await keep(group(1, 's', 'a', 'b'), group(2, 't', 'c'));
    await keep(group(2, 't', 'd'));
    expect(valuesIn(await read({ device: idOf(1) }))).toEqual(['dev_1 a', 'dev_1 b']);
    expect(valuesIn(await read({ stream: 't' }))).toEqual(['dev_2 c', 'dev_2 d']);
    expect(valuesIn(await read({ bucket: 's' }))).toEqual(['dev_1 a', 'dev_1 b']);
    expect(valuesIn(await read({ from: NOW + 1 }))).toEqual(['dev_1 b']);
    expect(valuesIn(await read({ to: NOW }))).toEqual([]);
    expect((await read({ device: idOf(1) })).map(({ whole }) => whole)).toEqual([false]);
    expect(await read({ device: 'dev_unknown' })).toEqual([]);
  });

  it('begins after an id and ends before one, both exclusive, and after a place', async () => {
    const { keep, read } = await productOf(1);
    for (const value of ['a', 'b', 'c', 'd']) await keep(group(1, 's', value));
    const [a, , c, d] = (await read()).map(({ id }) => id);
    expect(valuesIn(await read({ after: a }))).toEqual(['dev_1 b', 'dev_1 c', 'dev_1 d']);
    expect(valuesIn(await read({ before: c }))).toEqual(['dev_1 a', 'dev_1 b']);
    expect(valuesIn(await read({ after: a, before: d }))).toEqual(['dev_1 b', 'dev_1 c']);
    expect(valuesIn(await read({ after: c, before: c }))).toEqual([]);
    expect(valuesIn(await read({ after: d, before: a }))).toEqual([]);
    const [, second] = await read();
    expect(valuesIn(await read({ afterPlace: second?.place }))).toEqual(['dev_1 c', 'dev_1 d']);
    expect(valuesIn(await read({ after: a, device: idOf(1) }))).toEqual(['dev_1 b', 'dev_1 c', 'dev_1 d']);
  });

  it('of one device looks into every hour', async () => {
    const { keep, read } = await productOf(1);
    for (const value of ['a', 'b', 'c']) {
      await keep(group(1, 's', value));
      at += 2 * 3_600_000;
    }
    expect(valuesIn(await read({ device: idOf(1) }))).toEqual(['dev_1 a', 'dev_1 b', 'dev_1 c']);
    const [first] = await read();
    expect(valuesIn(await read({ device: idOf(1), after: first?.id }))).toEqual(['dev_1 b', 'dev_1 c']);
  });

  it('goes on past a page of the table', async () => {
    const { keep, read } = await productOf(1);
    for (let i = 0; i < 8; i++) await keep(group(1, 's', noise(i, 300_000)));
    expect(valuesIn(await read({ device: idOf(1) }))).toHaveLength(8);
  });

  it('still names a device that is gone', async () => {
    const { session, keep, read, product } = await productOf(2);
    await keep(group(2, 's', 'left behind'));
    const stored = await devices.get(session, deviceKey('acc_a', product, idOf(2)));
    if (!stored) throw new Error('The device is not there.');
    await writeTogether(session, (await devices.drop(session, stored)).slice(0, 1));
    expect(valuesIn(await read())).toEqual(['dev_2 left behind']);
    expect(valuesIn(await read({ device: idOf(2) }))).toEqual(['dev_2 left behind']);
  });
});

describe('replacing', () => {
  const without = (block: FreshBlock, device: string): FreshBlock => ({
    ...block,
    groups: block.groups.filter((of) => of.device !== device),
  });

  it('leaves what is left, and removes a block of which nothing is', async () => {
    const { product, keep, read } = await productOf(2);
    await keep(group(1, 's', 'a'), group(2, 's', 'b'));
    const [block] = (await read()) as [FreshBlock];
    const session = table.session('acc_a');
    expect(await replaceFreshBlock(session, product, without(block, idOf(1)))).toBe(true);
    const [second] = (await read()) as [FreshBlock];
    expect(second).toMatchObject({ id: block.id, shard: block.shard, version: 1 });
    expect(valuesIn([second])).toEqual(['dev_2 b']);
    expect(await replaceFreshBlock(session, product, without(second, idOf(2)))).toBe(true);
    expect(await read()).toEqual([]);
  });

  it('never undoes what another one replaced or removed in the meantime', async () => {
    const { product, session, keep, read } = await productOf(3);
    await keep(group(1, 's', 'a'), group(2, 's', 'b'), group(3, 's', 'c'));
    const [read1] = (await read()) as [FreshBlock];
    const [read2] = (await read()) as [FreshBlock];
    expect(await replaceFreshBlock(session, product, without(read1, idOf(1)))).toBe(true);
    expect(await replaceFreshBlock(session, product, without(read2, idOf(2)))).toBe(false);
    expect(valuesIn(await read())).toEqual(['dev_2 b', 'dev_3 c']);
    const [read3] = (await read()) as [FreshBlock];
    expect(await replaceFreshBlock(session, product, { ...read3, groups: [] })).toBe(true);
    expect(await replaceFreshBlock(session, product, without(read3, idOf(2)))).toBe(false);
    expect(await replaceFreshBlock(session, product, read2)).toBe(false);
    expect(await read()).toEqual([]);
  });

  it('is refused for a block that was read in part: the rest would be lost', async () => {
    const { product, session, keep, read } = await productOf(2);
    await keep(group(1, 's', 'a'), group(2, 's', 'b'));
    const [part] = (await read({ device: idOf(1) })) as [FreshBlock];
    await expect(replaceFreshBlock(session, product, { ...part, groups: [] })).rejects.toThrow('in part');
    expect(valuesIn(await read())).toHaveLength(2);
  });
});
