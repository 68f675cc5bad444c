/** The lock number on its way from `If-Match` to the store's condition, and a failed condition on its way back. */
import { ConditionFailed } from '../platform/entity.ts';
import { DomainError } from './errors.ts';
import type { IfMatch } from './route.ts';

const stale = () =>
  new DomainError('stale', 'It was changed in the meantime: read it again, then send your change with its new ETag.');

/** Refuses a change to another version than the caller read. What isn't there has no version, not even for `*`. */
export function requireVersion(stored: { readonly version: number } | undefined, ifMatch: IfMatch): void {
  if (ifMatch === undefined) return;
  if (!stored || (ifMatch !== '*' && !ifMatch.includes(stored.version))) throw stale();
}

/** How often a change that names no version is made anew. */
const TRIES = 10;

/** A change that loses a race: stale if it names a version, else made again on what came between. */
export async function overtaking<T>(ifMatch: IfMatch, change: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (Array.isArray(ifMatch) || tries === TRIES) throw stale();
    }
  }
}

/** A write that lost a race is stale, too. */
export async function orStale<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw error instanceof ConditionFailed ? stale() : error;
  }
}
