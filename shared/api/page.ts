/** Pages of lists: `{items, next?}` from a store's page, with the cursor sealed. */
import type { AccountSession } from '../platform/account-session.ts';
import { type CursorScope, openCursor, sealCursor } from './cursor.ts';

/** The sort key after which the page begins. */
export const pageStart = (session: AccountSession, scope: CursorScope, cursor: string | undefined) =>
  cursor === undefined ? undefined : openCursor(session, scope, cursor);

export async function pageBody<T, V>(
  session: AccountSession,
  scope: CursorScope,
  page: { items: readonly T[]; last?: string },
  show: (item: T) => V,
): Promise<{ items: V[]; next?: string }> {
  const items = page.items.map(show);
  return page.last === undefined ? { items } : { items, next: await sealCursor(session, scope, page.last) };
}
