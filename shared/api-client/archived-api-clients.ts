/** API clients as an archive holds them, a line each, for the record: secrets are Cognito's alone, so none can be made again. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import { everyPage } from '../platform/every-page.ts';
import { apiClient, withServer } from './api-client.ts';
import { apiClients } from './api-client-store.ts';

export const apiClientDocument = z.strictObject(apiClient.omit({ clientId: true }).shape);
export type ApiClientDocument = z.output<typeof apiClientDocument>;

const PAGE = 200;

/** Those that were there before `before` (epoch ms), in the order of their ids. */
export async function* archivedApiClients(session: AccountSession, before: number): AsyncGenerator<ApiClientDocument> {
  for await (const { plain, sealed, createdAt, updatedAt } of everyPage((after) =>
    apiClients.page(session, { limit: PAGE, after }),
  )) {
    if (createdAt >= before) continue;
    const { id, scopes } = plain;
    const times = { createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) };
    yield { id, ...sealed, scopes: withServer(scopes), ...times };
  }
}
