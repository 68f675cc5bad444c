/** Fresh blocks, rewritten in place: what is removed, what stays, and what happens when somebody else changes one meanwhile. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { newId } from '../../../shared/platform/ids.ts';
import type { Group } from '../../../shared/readings/codec/block.ts';
import { type ReadingRange, SWEEPS, withoutRange } from '../../../shared/readings/delete-range.ts';
import { putFreshBlock, readFreshBlocks, rewriteFreshBlocks } from '../../../shared/readings/fresh-block-store.ts';
import { openTableHouse, type TableHouse } from '../../support/memory-session.ts';

let house: TableHouse;
beforeAll(async () => {
  house = await openTableHouse();
});
afterAll(() => house.close());

const PRODUCT = 'prd_00000000000000000000000001';
const anAccount = () => house.sessionOf(newId('account'));
const group = (device: string, buckets: string[], values: Group['rows'][number]['value'][], first = 0): Group => ({
  device,
  stream: 's',
  buckets,
  rows: values.map((value, i) => ({ ts: first + i, receivedAt: first + i, value })),
});
const put = async (session: AccountSession, id: string, ...groups: Group[]) =>
  expect(await putFreshBlock(session, { id, product: PRODUCT, groups })).toBe(true);

async function blocks(session: AccountSession): Promise<Group[][]> {
  const found: Group[][] = [];
  for await (const groups of readFreshBlocks(session, PRODUCT, {})) found.push(groups);
  return found;
}

async function sweep(session: AccountSession, range: ReadingRange): Promise<void> {
  for (const { sweep: page } of SWEEPS) {
    let after: string | undefined;
    do after = await page(session, PRODUCT, range, after);
    while (after !== undefined);
  }
}

describe('a sweep', () => {
  it('removes the range, the blocks that it empties, and nothing of other accounts', async () => {
    const [session, other] = [anAccount(), anAccount()];
    for (const one of [session, other]) {
      await put(one, 'a', group('d1', ['b1'], [1, 2]), group('d2', ['b1', 'b2'], [3]));
      await put(one, 'b', group('d1', ['b1'], [4]));
      await put(one, 'c', group('d1', ['b1'], [5], 1000));
    }
    const before = await blocks(other);
    await sweep(session, { bucket: 'b1', from: 0, to: 1000 });
    expect(await blocks(session)).toEqual([[group('d2', ['b2'], [3])], [group('d1', ['b1'], [5], 1000)]]);
    await sweep(session, { bucket: 'b1', from: 0, to: 1000 });
    await sweep(session, {});
    expect(await blocks(session)).toEqual([]);
    expect(await blocks(other)).toEqual(before);
  });

  it('goes through many blocks page by page', async () => {
    const session = anAccount();
    for (let i = 0; i < 520; i++)
      await put(session, String(i).padStart(4, '0'), group('d', i % 2 ? ['b1'] : ['b1', 'b2'], [i]));
    const range = { bucket: 'b1' };
    const change = (groups: readonly Group[]) => withoutRange(groups, range);
    expect(await rewriteFreshBlocks(session, PRODUCT, range, change)).toBe('0499');
    expect(await rewriteFreshBlocks(session, PRODUCT, { ...range, after: '0499' }, change)).toBeUndefined();
    expect(await blocks(session)).toEqual(Array.from({ length: 260 }, (_, i) => [group('d', ['b2'], [2 * i])]));
  });

  it('looks again at a block that another one changed, and leaves one that another one removed', async () => {
    const session = anAccount();
    await put(session, 'a', group('d1', ['b1', 'b2'], [1]), group('d2', ['b1', 'b2'], [2]));
    await put(session, 'b', group('d1', ['b1', 'b2'], [3]));
    const ranges = [
      { bucket: 'b1' },
      { bucket: 'b2', device: 'd1' },
      { bucket: 'b2', device: 'd2' },
      { device: 'd1', from: 0, to: 1 },
    ];
    await Promise.all(ranges.map((range) => sweep(session, range)));
    expect(await blocks(session)).toEqual([]);
  });

  it('splits a block that has outgrown its item', async () => {
    const session = anAccount();
    const random = (bytes: number) => randomBytes(bytes).toString('base64');
    // Noise up to the limit; then many small groups fall in two, each with a list of buckets of its own.
    const noise = group(
      'noise',
      ['b9'],
      Array.from({ length: 3 }, () => random(64_000)),
    );
    const small = Array.from({ length: 400 }, (_, i) => group(`d${i}`, [`x${random(15)}`, 'b1'], [i, i + 1]));
    let filler = 215_000;
    const full = () => [noise, group('filler', ['b9'], [random(filler)]), ...small];
    while (!(await putFreshBlock(session, { id: 'a', product: PRODUCT, groups: full() }))) filler -= 1000;
    const block = (await blocks(session)).flat();
    await sweep(session, { bucket: 'b1', from: 0, to: 1 });
    const after = await blocks(session);
    expect(after).toHaveLength(2);
    const lines = (groups: readonly Group[], but: (ts: number, bucket: string) => boolean) =>
      groups
        .flatMap(({ device, buckets, rows }) =>
          rows.flatMap(({ ts, value }) =>
            buckets.filter((bucket) => !but(ts, bucket)).map((bucket) => JSON.stringify([device, bucket, ts, value])),
          ),
        )
        .toSorted();
    expect(lines(after.flat(), () => false)).toEqual(lines(block, (ts, bucket) => bucket === 'b1' && ts === 0));
  });
});
