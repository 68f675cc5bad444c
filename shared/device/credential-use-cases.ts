/** Credentials of a device: several, so that they can be rotated; each a certificate that AWS IoT knows by its hash. */
import type { UseCases } from '../api/edge.ts';
import { notFound } from '../api/errors.ts';
import { pageBody, pageStart } from '../api/page.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime, type Now } from '../platform/clock.ts';
import { writeTogether } from '../platform/entity.ts';
import type { NewId } from '../platform/ids.ts';
import type { Provision } from '../provisioning/provisioner-protocol.ts';
import type { Credential } from './device.ts';
import { deviceRoutes } from './device-api.ts';
import { credentialKey, credentialPartition, credentialPrefix } from './device-keys.ts';
import { credentials, type StoredCredential, type StoredDevice } from './device-store.ts';
import { findDevice } from './find-device.ts';

type Routes = Pick<typeof deviceRoutes, 'listCredentials' | 'createCredential' | 'deleteCredential'>;

const show = ({ plain, createdAt }: StoredCredential): Credential => ({
  id: plain.id,
  kind: 'certificate',
  certificateId: plain.certificateId,
  createdAt: isoTime(createdAt),
});

/** Where a device may send and listen; `{…}` is its own to fill in. */
const topicsOf = (account: string, { product, id }: { product: string; id: string }) => {
  const prefix = `${account}/${product}/${id}`;
  return {
    publish: `dt/${prefix}/{stream}`,
    basicIngest: `$aws/rules/custodia_ingest/dt/${prefix}/{stream}`,
    commands: `cmd/${prefix}/#`,
    answers: `cmd/${prefix}/{command}/res`,
  };
};

export const credentialUseCases = (deps: { now: Now; newId: NewId; provision: Provision }): UseCases<Routes> => ({
  listCredentials: async ({ account, session }, { params, query }) => {
    const { plain } = await findDevice(session, params.id);
    const scope = { route: deviceRoutes.listCredentials.id, filters: params.id };
    const page = await credentials.list(session, credentialPartition(account, plain.product), {
      limit: query.limit,
      after: await pageStart(session, scope, query.cursor),
      prefix: credentialPrefix(params.id),
    });
    const body = await pageBody(session, scope, page, show);
    return { body, next: body.next };
  },

  createCredential: async ({ account, session, token }, { params, body }) => {
    const { plain: device } = await findDevice(session, params.id);
    const id = deps.newId('credential');
    const { product } = device;
    const command = { kind: 'add-certificate' as const, product, device: device.id, credential: id, csr: body.csr };
    const { certificate: made } = await deps.provision({ token, account, command });
    if (!made) throw new Error('The provisioner answered no certificate.');
    const { certificateId } = made;
    const key = credentialKey(account, product, device.id, id);
    const stored = credentials.make(key, deps.now(), { id, device: device.id, certificateId }, {});
    await writeTogether(session, [await credentials.put(session, stored)]);
    return {
      body: { id, kind: 'certificate', ...made, clientId: device.id, topics: topicsOf(account, device) },
      location: `/v1/devices/${device.id}/credentials/${id}`,
    };
  },

  deleteCredential: async ({ account, session, token }, { params }) => {
    const { plain: device } = await findDevice(session, params.id);
    const key = credentialKey(account, device.product, device.id, params.credential);
    const stored = await credentials.get(session, key);
    if (!stored) throw notFound('credential');
    const { certificateId } = stored.plain;
    await deps.provision({ token, account, command: { kind: 'remove-certificate', device: device.id, certificateId } });
    await writeTogether(session, [credentials.remove(session, stored)]);
    return {};
  },
});

/** Removes what is stored of a device's credentials; the certificates themselves are the provisioner's. */
export async function dropCredentials(session: AccountSession, { plain }: StoredDevice): Promise<void> {
  const partition = credentialPartition(session.account, plain.product);
  for (;;) {
    const { items } = await credentials.list(session, partition, { limit: 25, prefix: credentialPrefix(plain.id) });
    if (items.length === 0) return;
    await writeTogether(
      session,
      items.map((item) => credentials.remove(session, item)),
    );
  }
}
