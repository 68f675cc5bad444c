/** Chunks of several products as one sequence in time. */
import type { Order } from './page-collector.ts';

interface Bounded {
  /** Epoch ms: nothing in later chunks lies before it (asc), or at or after it (desc). */
  readonly bound: number;
}

/** The product that is furthest behind comes next; its bound is the bound of all. */
export async function* mergeProducts<T extends Bounded>(
  sources: readonly AsyncGenerator<T>[],
  order: Order,
): AsyncGenerator<T> {
  const sign = order === 'asc' ? 1 : -1;
  const open = sources.map((source) => ({ source, bound: -sign * Number.POSITIVE_INFINITY }));
  const behind = () => open.reduce((least, one) => (sign * (one.bound - least.bound) < 0 ? one : least));
  while (open.length > 0) {
    const one = behind();
    const next = await one.source.next();
    if (next.done) {
      open.splice(open.indexOf(one), 1);
      continue;
    }
    one.bound = next.value.bound;
    yield { ...next.value, bound: behind().bound };
  }
}
