export type ContextValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The condition keys of one request. Names are case-insensitive, as in IAM. Two names that differ by case only add up, so
 * that `{ Account: 'mine', account: 'theirs' }` can't hide one value behind the other. An empty list is an absent key:
 * otherwise a request without items would pass `Null: false` together with `ForAllValues`.
 */
export class RequestContext {
  readonly #values = new Map<string, readonly string[]>();

  constructor(...layers: readonly ContextValues[]) {
    for (const layer of layers) this.#replace(layer);
  }

  get(key: string): readonly string[] | undefined {
    return this.#values.get(key.trim().toLowerCase());
  }

  /** A later layer replaces what an earlier one said of the same key. */
  #replace(layer: ContextValues): void {
    const own = new Map<string, readonly string[]>();
    for (const [name, value] of Object.entries(layer)) {
      const values = typeof value === 'string' ? [value] : (value ?? []);
      if (values.length === 0) continue;
      const key = name.toLowerCase();
      own.set(key, [...(own.get(key) ?? []), ...values]);
    }
    for (const [key, values] of own) this.#values.set(key, values);
  }
}
