/** What could not be stored, newest first. Seven days after its arrival a message is gone, whenever the table lets go of it. */
import type { UseCase } from '../api/edge.ts';
import { pageBody, pageStart } from '../api/page.ts';
import { isoTime, type Now } from '../platform/clock.ts';
import type { RejectedMessage } from './rejected-message.ts';
import { rejectedMessageRoutes } from './rejected-message-api.ts';
import { KEPT_MS, rejectedMessages, type StoredRejectedMessage } from './rejected-message-store.ts';

const show = ({ plain: { ttl: _, ...plain }, sealed, createdAt }: StoredRejectedMessage): RejectedMessage => ({
  ...plain,
  ...sealed,
  receivedAt: isoTime(createdAt),
});

export const listRejectedMessages =
  (deps: { now: Now }): UseCase<typeof rejectedMessageRoutes.list> =>
  async ({ session }, { query }) => {
    const scope = { route: rejectedMessageRoutes.list.id };
    const after = await pageStart(session, scope, query.cursor);
    const page = await rejectedMessages.page(session, { limit: query.limit, after });
    const oldest = deps.now() - KEPT_MS;
    const items = page.items.filter((message) => message.createdAt >= oldest);
    const ended = items.length < page.items.length;
    const body = await pageBody(session, scope, ended ? { items } : { ...page, items }, show);
    return { body, next: body.next };
  };
