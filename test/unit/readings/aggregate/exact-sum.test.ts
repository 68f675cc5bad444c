import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactSum } from '../../../../shared/readings/aggregate/exact-sum.ts';
import { exactly, nearest } from './model.ts';

function sumOf(numbers: readonly number[]): ExactSum {
  const sum = new ExactSum();
  for (const number of numbers) sum.add(number);
  return sum;
}

const anyNumber = fc.oneof(
  fc.integer({ min: -9999, max: 9999 }).map((n) => n / 10),
  fc.integer({ min: -9_999_999, max: 9_999_999 }).map((n) => n / 1e5),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0.1, 0.2, 1e308, -1e308, Number.MAX_VALUE, 5e-324, 2 ** 53, 1e22, 123456.123456789),
);

describe('a sum', () => {
  it('is that of the decimals, whatever their order, and however they were put together', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { maxLength: 40 }), fc.nat(), (numbers, seed) => {
        const expected = numbers.reduce((sum, number) => sum + exactly(number), 0n);
        const sum = nearest(expected);
        const total = Math.min(Math.max(sum, -Number.MAX_VALUE), Number.MAX_VALUE);
        expect(sumOf(numbers).total()).toBe(total);
        const cut = numbers.length === 0 ? 0 : seed % numbers.length;
        const merged = new ExactSum();
        merged.addSum(sumOf(numbers.slice(cut)).exact());
        merged.addSum(sumOf(numbers.slice(0, cut)).exact());
        expect(merged.total()).toBe(total);
        expect(merged.exact()).toEqual(sumOf(numbers.toReversed()).exact());
        if (Number.isFinite(sum) && numbers.length > 0) expect(merged.mean(numbers.length)).toBe(sum / numbers.length);
      }),
      { numRuns: 500 },
    );
  });

  it('shows no error of binary fractions', () => {
    expect(sumOf([0.1, 0.2]).total()).toBe(0.3);
    expect(sumOf(Array<number>(1000).fill(21.4)).total()).toBe(21_400);
    expect(sumOf([1e16, 1, -1e16]).total()).toBe(1);
    expect(sumOf([]).exact()).toBe(0);
  });

  it('beyond the doubles is the largest of them, and its mean is still right', () => {
    const huge = sumOf([Number.MAX_VALUE, Number.MAX_VALUE]);
    expect([huge.total(), huge.mean(2)]).toEqual([Number.MAX_VALUE, Number.MAX_VALUE]);
    expect(sumOf([-1e308, -1e308]).total()).toBe(-Number.MAX_VALUE);
  });
});
