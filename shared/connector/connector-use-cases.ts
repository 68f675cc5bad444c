/** The use cases of connectors. */
import type { UseCases } from '../api/edge.ts';
import { DomainError, notFound } from '../api/errors.ts';
import { pageBody, pageStart } from '../api/page.ts';
import { orStale, requireVersion } from '../api/versions.ts';
import { secretHash } from '../identity/connector-proof.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime, type Now } from '../platform/clock.ts';
import { writeTogether } from '../platform/entity.ts';
import type { NewId } from '../platform/ids.ts';
import { findProduct } from '../product/find-product.ts';
import type { Register } from '../registration/registrar-protocol.ts';
import type { Connector } from './connector.ts';
import { connectorRoutes } from './connector-api.ts';
import { connectorKey } from './connector-keys.ts';
import { connectors, type StoredConnector } from './connector-store.ts';

async function find(session: AccountSession, id: string): Promise<StoredConnector> {
  const connector = await connectors.find(session, id);
  if (!connector) throw notFound('connector');
  return connector;
}

export const connectorUseCases = (deps: {
  now: Now;
  newId: NewId;
  /** At least 128 random bits, as a bearer token may be written. */
  newSecret: () => string;
  register: Register;
  /** Where the API is, without a slash at the end. */
  apiUrl: string;
}): UseCases<typeof connectorRoutes> => {
  const show = ({ plain, sealed, createdAt, updatedAt }: StoredConnector): Connector => ({
    ...plain,
    ...sealed,
    url: `${deps.apiUrl}/v1/ingest/${plain.id}`,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
  });

  return {
    list: async ({ session }, { query }) => {
      const scope = { route: connectorRoutes.list.id };
      const page = await connectors.page(session, {
        limit: query.limit,
        after: await pageStart(session, scope, query.cursor),
      });
      const body = await pageBody(session, scope, page, show);
      return { body, next: body.next };
    },

    create: async ({ account, session, token, rights }, { body: { name, kind, product, createDevices = false } }) => {
      await findProduct(session, product);
      if (createDevices && !rights.has('devices.write'))
        throw new DomainError('forbidden', 'A connector that makes devices needs the scope custodia/devices.write.');
      const id = deps.newId('connector');
      const secret = deps.newSecret();
      const plain = { id, kind, product, createDevices };
      const stored = connectors.make(connectorKey(account, id), deps.now(), plain, { name });
      // The entity first: a connector that lets somebody in is one that its account sees.
      await writeTogether(session, [await connectors.put(session, stored)]);
      const row = { connector: id, product, connectorKind: kind, createDevices, secretHash: secretHash(secret) };
      await deps.register({ token, command: { kind: 'add-connector', account, ...row } });
      return { body: { ...show(stored), secret }, version: stored.version, location: `/v1/connectors/${id}` };
    },

    get: async ({ session }, { params }) => {
      const connector = await find(session, params.id);
      return { body: show(connector), version: connector.version };
    },

    delete: async ({ account, session, token }, { params, ifMatch }) => {
      const connector = await find(session, params.id);
      requireVersion(connector, ifMatch);
      await deps.register({ token, command: { kind: 'remove-connector', account, connector: params.id } });
      await orStale(writeTogether(session, [connectors.remove(session, connector)]));
      return {};
    },
  };
};
