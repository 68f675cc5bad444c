/** Plain keys in memory: for five minutes, opened once, within bounds; what failed is tried again. */
import { describe, expect, it } from 'vitest';
import { keyCache } from '../../../shared/keyring/key-cache.ts';

const MINUTE = 60_000;

function counting() {
  const clock = { now: 0 };
  const cache = keyCache(() => clock.now);
  let opened = 0;
  const open = async () => Buffer.from(String(++opened));
  return {
    clock,
    cache,
    ask: async (name: string) => Number(Buffer.from(await cache.get(name, open)).toString()),
    opened: () => opened,
  };
}

describe('a plain key', () => {
  it('is kept for five minutes and no longer, however often it is used', async () => {
    const { clock, ask } = counting();
    expect(await ask('a')).toBe(1);
    clock.now = 5 * MINUTE - 1;
    expect(await ask('a')).toBe(1);
    clock.now = 5 * MINUTE;
    expect(await ask('a')).toBe(2);
  });

  it('is opened once for all who ask at the same time', async () => {
    const { ask } = counting();
    expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual([1, 1, 2]);
  });

  it('is forgotten when told so, also while it is being opened', async () => {
    const { cache, ask } = counting();
    const opening = ask('a');
    cache.forget('a');
    expect([await opening, await ask('a')]).toEqual([1, 2]);
    cache.forget('a');
    expect(await ask('a')).toBe(3);
  });

  it('that could not be opened is tried again, and doesn’t take the place of one that could', async () => {
    const { cache, ask } = counting();
    let fail = () => {};
    const failing = cache.get('a', () => new Promise((_, reject) => (fail = () => reject(new Error('no')))));
    cache.forget('a');
    expect(await ask('a')).toBe(1);
    fail();
    await expect(failing).rejects.toThrow('no');
    expect(await ask('a')).toBe(1);
    await expect(cache.get('b', async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await ask('b')).toBe(2);
  });

  it('gives way to others once there are ten thousand, the oldest first', async () => {
    const { ask, opened } = counting();
    for (let i = 0; i <= 10_000; i++) await ask(`k${i}`);
    expect(await ask('k10000')).toBe(10_001);
    expect(await ask('k1')).toBe(2);
    expect(opened()).toBe(10_001);
    expect(await ask('k0')).toBe(10_002);
  });
});
