/** What is kept of the numbers of one field in one interval. Merging what was kept of its parts gives the same as all readings. Pure. */
import { ExactSum, type SumValue } from './exact-sum.ts';

export const AGGREGATES = ['mean', 'min', 'max', 'sum', 'count', 'first', 'last'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** What an hour adds. `first` and `last` need no time: no other part of an interval lies within the hour. */
export interface HourStats {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: SumValue;
  readonly first: number;
  readonly last: number;
}

export class Stats {
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  readonly #sum = new ExactSum();
  #first = 0;
  #firstAt = Number.POSITIVE_INFINITY;
  #last = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** Readings of the same time come in their canonical order, one after the other; all others in any order. */
  add(at: number, number: number): void {
    this.#sum.add(number);
    this.#count += 1;
    this.#stretch(at, number, number, number, number);
  }

  /** `at`: when the hour began. */
  merge(at: number, { count, min, max, sum, first, last }: HourStats): void {
    this.#sum.addSum(sum);
    this.#count += count;
    this.#stretch(at, min, max, first, last);
  }

  get(aggregate: Aggregate): number {
    if (aggregate === 'count') return this.#count;
    if (aggregate === 'min') return this.#min;
    if (aggregate === 'max') return this.#max;
    if (aggregate === 'first') return this.#first;
    if (aggregate === 'last') return this.#last;
    return aggregate === 'sum' ? this.#sum.total() : this.#sum.mean(this.#count);
  }

  ofHour(): HourStats {
    const [count, min, max, first, last] = [this.#count, this.#min, this.#max, this.#first, this.#last];
    return { count, min, max, sum: this.#sum.exact(), first, last };
  }

  #stretch(at: number, min: number, max: number, first: number, last: number): void {
    if (min < this.#min) this.#min = min;
    if (max > this.#max) this.#max = max;
    if (at < this.#firstAt) [this.#first, this.#firstAt] = [first, at];
    if (at >= this.#lastAt) [this.#last, this.#lastAt] = [last, at];
  }
}
