/** The items of one partition key: found by sort key, and in ranges of it. Keys are put in order when somebody asks for a range. */
import { type Item, itemBytes } from '../../bench/cloud/capacity.ts';

export interface Stored {
  readonly sk: string;
  readonly item: Item;
  /** As DynamoDB counts them. */
  readonly bytes: number;
}

/** Which sort keys lie before a range, and which after it. */
export interface SortRange {
  before(sk: string): boolean;
  after(sk: string): boolean;
}

export class Partition {
  readonly #items = new Map<string, Stored>();
  /** All sort keys, if `#inOrder`. */
  #keys: string[] = [];
  #inOrder = true;

  get(sk: string): Stored | undefined {
    return this.#items.get(sk);
  }

  put(sk: string, item: Item): Stored {
    if (!this.#items.has(sk) && this.#inOrder) {
      const last = this.#keys.at(-1);
      if (last === undefined || last < sk) this.#keys.push(sk);
      else this.#inOrder = false;
    }
    const stored = { sk, item, bytes: itemBytes(item) };
    this.#items.set(sk, stored);
    return stored;
  }

  delete(sk: string): void {
    if (this.#items.delete(sk)) this.#inOrder = false;
  }

  /** One after the other, in order of their sort keys or against it. */
  *range({ before, after }: SortRange, forward: boolean): Generator<Stored> {
    const keys = this.#ordered();
    const [low, high] = [firstWhere(keys, (sk) => !before(sk)), firstWhere(keys, after)];
    for (let i = 0; i < high - low; i++) yield this.#items.get(keys[forward ? low + i : high - 1 - i] ?? '') as Stored;
  }

  values(): Item[] {
    return [...this.#items.values()].map(({ item }) => item);
  }

  copy(): Partition {
    const copy = new Partition();
    for (const [sk, stored] of this.#items) copy.#items.set(sk, stored);
    copy.#inOrder = false;
    return copy;
  }

  #ordered(): readonly string[] {
    if (!this.#inOrder) this.#keys = [...this.#items.keys()].sort();
    this.#inOrder = true;
    return this.#keys;
  }
}

/** The first place from which on a predicate holds; the length where it never does. */
function firstWhere(keys: readonly string[], holds: (sk: string) => boolean): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(keys[middle] ?? '')) high = middle;
    else low = middle + 1;
  }
  return low;
}
