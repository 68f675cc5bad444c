/** Connectors as an archive holds them, a line each, for the record: without its secret none can be made again. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import { everyPage } from '../platform/every-page.ts';
import { connector } from './connector.ts';
import { connectors } from './connector-store.ts';

export const connectorDocument = z.strictObject(connector.omit({ url: true }).shape);
export type ConnectorDocument = z.output<typeof connectorDocument>;

const PAGE = 200;

/** Those that were there before `before` (epoch ms), in the order of their ids. */
export async function* archivedConnectors(session: AccountSession, before: number): AsyncGenerator<ConnectorDocument> {
  for await (const { plain, sealed, createdAt, updatedAt } of everyPage((after) =>
    connectors.page(session, { limit: PAGE, after }),
  )) {
    if (createdAt >= before) continue;
    yield { ...plain, ...sealed, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) };
  }
}
