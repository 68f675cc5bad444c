/** What can be wrong with a key. KMS's and the stores' own errors pass through: there is no fallback to plain text. */

/** There is no such key: it was never made (`missing`), or what it sealed was shredded (`destroyed`). */
export class NoKeyError extends Error {
  readonly reason: 'missing' | 'destroyed';
  constructor(reason: 'missing' | 'destroyed') {
    super(reason === 'missing' ? 'There is no such key.' : 'The key was destroyed.');
    this.name = 'NoKeyError';
    this.reason = reason;
  }
}

/** `undefined` where the key was destroyed: of what was deleted, what is left is not readable any more. */
export async function unlessDestroyed<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NoKeyError && error.reason === 'destroyed') return undefined;
    throw error;
  }
}

/** After a destruction something of the key was still there: destroying it again finishes it. */
export class KeyRemains extends Error {
  constructor() {
    super('A copy of a key that was destroyed was found again.');
    this.name = 'KeyRemains';
  }
}
