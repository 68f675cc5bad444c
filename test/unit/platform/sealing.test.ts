import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Place, SealError, seal, unseal } from '../../../shared/platform/sealing.ts';

const key = randomBytes(32);
const place: Place = { account: 'acc_a', store: 'things', pk: 'A#acc_a#THINGS', sk: 'x' };

describe('what is sealed', () => {
  it('opens at its place, as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (plain) => {
        expect(unseal(key, place, seal(key, place, plain))).toEqual(Buffer.from(plain));
      }),
    );
  });

  it('never looks the same twice, and shows nothing of the plain', () => {
    const plain = Buffer.from('owner@acme.test');
    const sealed = [seal(key, place, plain), seal(key, place, plain)].map((bytes) =>
      Buffer.from(bytes).toString('hex'),
    );
    expect(sealed[0]).not.toBe(sealed[1]);
    expect(sealed[0]).not.toContain(plain.toString('hex'));
  });

  it('does not open where it was moved to, nor by another key', () => {
    const sealed = seal(key, place, Buffer.from('x'));
    const moved: Partial<Place>[] = [{ account: 'acc_b' }, { store: 'other' }, { pk: 'A#acc_b#THINGS' }, { sk: 'y' }];
    for (const to of moved) expect(() => unseal(key, { ...place, ...to }, sealed)).toThrow(SealError);
    expect(() => unseal(randomBytes(32), place, sealed)).toThrow(SealError);
    // The parts of a place don't run into each other.
    const joined = seal(key, { ...place, pk: 'ab', sk: 'c' }, Buffer.from('x'));
    expect(() => unseal(key, { ...place, pk: 'a', sk: 'bc' }, joined)).toThrow(SealError);
  });

  it('does not open if any bit was altered, or a part is missing', () => {
    const sealed = seal(key, place, Buffer.from('plain'));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Uint8Array.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unseal(key, place, altered), `bit ${bit}`).toThrow(SealError);
    }
    for (let length = 0; length < sealed.length; length++)
      expect(() => unseal(key, place, sealed.slice(0, length)), `${length} bytes`).toThrow(SealError);
    expect(() => unseal(key, place, Buffer.concat([sealed, Buffer.of(0)]))).toThrow(SealError);
  });
});
