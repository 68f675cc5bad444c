/** What is kept of the fields of one interval, or of one hour of a stream. Pure. */
import { Stats } from './stats.ts';

/** A device that invents field names can't take all memory. */
const MOST_FIELDS = 1000;
const MOST_NAME_LENGTH = 256 * 1024;

export class TooManyFields extends Error {
  override readonly name = 'TooManyFields';
  constructor() {
    super(`More than ${MOST_FIELDS} fields, or more than ${MOST_NAME_LENGTH} characters of names.`);
  }
}

export class FieldTable {
  readonly #fields = new Map<string, Stats>();
  #nameLength = 0;

  /** Throws TooManyFields. */
  of(name: string): Stats {
    const found = this.#fields.get(name);
    if (found) return found;
    this.#nameLength += name.length;
    if (this.#fields.size === MOST_FIELDS || this.#nameLength > MOST_NAME_LENGTH) throw new TooManyFields();
    const stats = new Stats();
    this.#fields.set(name, stats);
    return stats;
  }

  /** In the order of their names. */
  entries(): [name: string, stats: Stats][] {
    return [...this.#fields].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  get size(): number {
    return this.#fields.size;
  }

  get nameLength(): number {
    return this.#nameLength;
  }
}
