import { describe, expect, it } from 'vitest';
import { mergePatch } from '../../../shared/api/merge-patch.ts';

interface Thing {
  readonly name: string;
  readonly note?: string | undefined;
  readonly days?: number | undefined;
}
const thing: Thing = { name: 'a', note: 'b', days: 1 };

describe('a merge patch', () => {
  it('replaces what it names, takes away what it nulls, and leaves the rest', () => {
    expect(mergePatch(thing, { name: 'x' })).toEqual({ name: 'x', note: 'b', days: 1 });
    expect(mergePatch(thing, { note: null })).toStrictEqual({ name: 'a', days: 1 });
    expect(mergePatch(thing, { days: 0, note: '' })).toEqual({ name: 'a', note: '', days: 0 });
    expect(mergePatch<Thing>({ name: 'a' }, { note: 'new', days: null })).toStrictEqual({ name: 'a', note: 'new' });
  });

  it('takes what is undefined for what is left out', () => {
    expect(mergePatch(thing, { name: undefined, note: undefined })).toEqual(thing);
    expect(mergePatch(thing, {})).toEqual(thing);
  });

  it('changes neither of both', () => {
    const patch = Object.freeze({ note: null });
    expect(mergePatch(Object.freeze(thing), patch)).not.toBe(thing);
    expect(thing).toEqual({ name: 'a', note: 'b', days: 1 });
  });
});
