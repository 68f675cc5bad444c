/** The use cases of API clients. */
import type { UseCases } from '../api/edge.ts';
import { notFound } from '../api/errors.ts';
import { pageBody, pageStart } from '../api/page.ts';
import { orStale, requireVersion } from '../api/versions.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime, type Now } from '../platform/clock.ts';
import { writeTogether } from '../platform/entity.ts';
import type { NewId } from '../platform/ids.ts';
import type { Register } from '../registration/registrar-protocol.ts';
import { addApiClient } from './add-api-client.ts';
import { type ApiClient, withServer } from './api-client.ts';
import { apiClientRoutes } from './api-client-api.ts';
import { apiClients, type StoredApiClient } from './api-client-store.ts';

const show = ({ plain, sealed, createdAt, updatedAt }: StoredApiClient): ApiClient => ({
  ...plain,
  ...sealed,
  scopes: withServer(plain.scopes),
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
});

async function find(session: AccountSession, id: string): Promise<StoredApiClient> {
  const client = await apiClients.find(session, id);
  if (!client) throw notFound('API client');
  return client;
}

export const apiClientUseCases = (deps: {
  now: Now;
  newId: NewId;
  register: Register;
}): UseCases<typeof apiClientRoutes> => ({
  list: async ({ session }, { query }) => {
    const scope = { route: apiClientRoutes.list.id };
    const page = await apiClients.page(session, {
      limit: query.limit,
      after: await pageStart(session, scope, query.cursor),
    });
    const body = await pageBody(session, scope, page, show);
    return { body, next: body.next };
  },

  create: async ({ account, session, token }, { body: { name, scopes } }) => {
    const id = deps.newId('apiClient');
    const { client } = await deps.register({ token, command: { kind: 'add-client', account, client: id, scopes } });
    if (!client) throw new Error('The registrar answered no client.');
    await addApiClient(session, deps.now(), { id, clientId: client.clientId, name, scopes });
    return { body: { id, ...client, scopes: withServer(scopes) }, version: 1, location: `/v1/api-clients/${id}` };
  },

  rotate: async ({ account, session, token }, { params }) => {
    const { plain } = await find(session, params.id);
    const command = { kind: 'rotate-client' as const, account, clientId: plain.clientId };
    const { client, previousEndsAt } = await deps.register({ token, command });
    if (!client || !previousEndsAt) throw new Error('The registrar answered no secret.');
    const { id, scopes } = plain;
    return { body: { id, ...client, scopes: withServer(scopes), previousSecretEndsAt: isoTime(previousEndsAt) } };
  },

  delete: async ({ account, session, token }, { params, ifMatch }) => {
    const client = await find(session, params.id);
    requireVersion(client, ifMatch);
    await deps.register({ token, command: { kind: 'remove-client', account, clientId: client.plain.clientId } });
    await orStale(writeTogether(session, [apiClients.remove(session, client)]));
    return {};
  },
});
