/** When two serial numbers are one, and that a key tells nothing of either. */
import { describe, expect, it } from 'vitest';
import { serialForm, serialHash } from '../../../shared/device/serial-number.ts';

const KEY = new Uint8Array(32).fill(7);

describe('a serial number', () => {
  it.each([
    ['0004A30B001C0530', '0004a30b001c0530'],
    ['00-04-a3-0b-00-1c-05-30', '0004A30B001C0530'],
    ['00:04:A3:0B:00:1C:05:30', '0004a30b001c0530'],
    [' 0004a30b001c0530 ', '0004a30b001c0530'],
    ['abc', 'ABC'],
  ])('%s is the same as %s', (a, b) => {
    expect(serialForm(a)).toBe(serialForm(b));
    expect(serialHash(KEY, 'p', a)).toBe(serialHash(KEY, 'p', b));
  });

  it.each([
    ['SN 1', 'sn 1'],
    ['12-34', '1234'],
    ['00:04:A3', '0004A3'],
    ['a', 'aa'],
  ])('%s is another than %s', (a, b) => {
    expect(serialHash(KEY, 'p', a)).not.toBe(serialHash(KEY, 'p', b));
  });

  it('has another hash in another product and in another account', () => {
    const hash = serialHash(KEY, 'p', 'abc');
    expect(hash).toMatch(/^[\w-]{43}$/);
    expect(serialHash(KEY, 'q', 'abc')).not.toBe(hash);
    expect(serialHash(new Uint8Array(32), 'p', 'abc')).not.toBe(hash);
  });
});
