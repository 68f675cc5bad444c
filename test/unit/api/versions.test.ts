import { describe, expect, it } from 'vitest';
import type { IfMatch } from '../../../shared/api/route.ts';
import { orStale, overtaking, requireVersion } from '../../../shared/api/versions.ts';
import { ConditionFailed } from '../../../shared/platform/entity.ts';

const stale = expect.objectContaining({ code: 'stale' });
const refuses = (stored: { version: number } | undefined, ifMatch: IfMatch) => {
  try {
    requireVersion(stored, ifMatch);
    return false;
  } catch (error) {
    expect(error).toEqual(stale);
    return true;
  }
};

describe('If-Match', () => {
  it('asks for nothing where it wasn’t sent, for something where it is *, else for one of its versions', () => {
    const there = { version: 3 };
    expect([undefined, '*', [3], [1, 3]].map((one) => refuses(there, one as IfMatch))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect([[2], [4], [], [30]].map((one) => refuses(there, one))).toEqual([true, true, true, true]);
    expect([undefined, '*', [1], []].map((one) => refuses(undefined, one as IfMatch))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });
});

/** A change that others come before so many times. */
function overtaken(times: number) {
  const made = { tries: 0 };
  const change = async () => {
    made.tries += 1;
    if (made.tries <= times) throw new ConditionFailed();
    return 'changed';
  };
  return { made, change };
}

describe('a change that others came before', () => {
  it('is made anew on what they left, if it names no version', async () => {
    for (const ifMatch of [undefined, '*'] as const) {
      const { made, change } = overtaken(3);
      expect([await overtaking(ifMatch, change), made.tries]).toEqual(['changed', 4]);
    }
  });

  it('is stale if it names a version, and if there is no end of them', async () => {
    const named = overtaken(1);
    await expect(overtaking([1], named.change)).rejects.toEqual(stale);
    expect(named.made.tries).toBe(1);
    await expect(overtaking(undefined, overtaken(1000).change)).rejects.toEqual(stale);
    await expect(orStale(overtaken(1).change())).rejects.toEqual(stale);
  });

  it('fails as it is for any other reason, once', async () => {
    let tries = 0;
    const change = async () => {
      tries += 1;
      throw new Error('no');
    };
    await expect(overtaking(undefined, change)).rejects.toThrow('no');
    await expect(orStale(change())).rejects.toThrow('no');
    expect(tries).toBe(2);
  });
});
