/** The lock number on its way from `If-Match` to the store's condition, and a failed condition on its way back. */
import { ConditionFailed } from '../platform/entity.ts';
import { DomainError } from './errors.ts';

const stale = () =>
  new DomainError('stale', 'It was changed in the meantime: read it again, then send your change with its new ETag.');

/** Refuses a change to another version than the caller read; `undefined`: the caller doesn't mind. */
export function requireVersion(stored: { readonly version: number }, ifMatch: number | undefined): void {
  if (ifMatch !== undefined && ifMatch !== stored.version) throw stale();
}

/** A write that lost a race is stale, too. */
export async function orStale<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw error instanceof ConditionFailed ? stale() : error;
  }
}
