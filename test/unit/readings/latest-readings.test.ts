import { describe, expect, it } from 'vitest';
import { firstOf } from '../../../shared/readings/latest-readings.ts';

const large = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, n) => ({ ts: 0, device: `dev_${n}`, stream: 's', value: 'x'.repeat(bytes) }));

describe('a page of the latest readings', () => {
  it('ends at 4 MB, with one reading at least', () => {
    const KB = 1024;
    expect(firstOf(large(40, 127 * KB))).toEqual(large(32, 127 * KB));
    expect(firstOf(large(3, 5000 * KB))).toHaveLength(1);
    expect(firstOf(large(200, KB))).toHaveLength(200);
    expect(firstOf([])).toEqual([]);
  });
});
