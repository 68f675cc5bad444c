/** The use cases of devices. */
import type { UseCases } from '../api/edge.ts';
import { mergePatch } from '../api/merge-patch.ts';
import { pageBody, pageStart } from '../api/page.ts';
import { orStale, requireVersion } from '../api/versions.ts';
import { bucketIds } from '../bucket/instructions.ts';
import { beginDeletion } from '../deletion/begin-deletion.ts';
import type { JobStarts } from '../job/begin-job.ts';
import { writeTogether } from '../platform/entity.ts';
import { findProduct } from '../product/find-product.ts';
import { propertyUseCases } from '../property/property-use-cases.ts';
import type { Provision } from '../provisioning/provisioner-protocol.ts';
import { holdsReadings } from '../readings/holds-readings.ts';
import { addDevice } from './add-device.ts';
import { credentialUseCases } from './credential-use-cases.ts';
import { deviceRoutes } from './device-api.ts';
import { devices } from './device-store.ts';
import { findDevice, showDevice } from './find-device.ts';
import { takeDownDevice } from './remove-device.ts';

export const deviceUseCases = (deps: JobStarts & { provision: Provision }): UseCases<typeof deviceRoutes> => ({
  list: async ({ session }, { query }) => {
    const { product, limit, cursor } = query;
    if (product !== undefined) await findProduct(session, product);
    const scope = { route: deviceRoutes.list.id, filters: product };
    const page = await devices.page(session, { product, limit, after: await pageStart(session, scope, cursor) });
    const presence = await devices.presence(session, page.items);
    const body = await pageBody(session, scope, page, (device) => showDevice(device, presence.get(device.plain.id)));
    return { body, next: body.next };
  },

  create: async ({ account, session, token }, { body: { product, ...sealed } }) => {
    await findProduct(session, product);
    const id = deps.newId('device');
    await session.keys.ensure({ product, device: id });
    const { number } = await deps.provision({ token, account, command: { kind: 'add-device', product, device: id } });
    if (number === undefined) throw new Error('The provisioner answered no number for a device.');
    const device = await addDevice(session, deps.now(), { id, product, number, ...sealed });
    return { body: showDevice(device, undefined), version: device.version, location: `/v1/devices/${id}` };
  },

  get: async ({ session }, { params }) => {
    const device = await findDevice(session, params.id);
    const presence = await devices.presence(session, [device]);
    return { body: showDevice(device, presence.get(params.id)), version: device.version };
  },

  update: async ({ session }, { params, body, ifMatch }) => {
    const device = await findDevice(session, params.id);
    requireVersion(device, ifMatch);
    const changed = devices.change(device, deps.now(), mergePatch(device.sealed, body));
    await orStale(writeTogether(session, await devices.replace(session, device, changed)));
    const presence = await devices.presence(session, [device]);
    return { body: showDevice(changed, presence.get(params.id)), version: changed.version };
  },

  delete: async (caller, { params, ifMatch }) => {
    const { session, token } = caller;
    const device = await findDevice(session, params.id);
    requireVersion(device, ifMatch);
    const { product } = device.plain;
    const gone = await takeDownDevice(session, device, deps.provision, { token });
    const buckets = await bucketIds(session);
    if (await holdsReadings(session, [product], { buckets, device: params.id }))
      return orStale(beginDeletion(deps, caller, { of: 'device', device: params.id, product, buckets }, gone));
    await orStale(writeTogether(session, gone));
    // What is in flight is kept nowhere.
    await session.keys.destroy({ product, device: params.id });
    return {};
  },

  ...credentialUseCases(deps),

  ...propertyUseCases<{ id: string }>({
    now: deps.now,
    id: 'devices',
    ownerOf: async ({ session }, { id }) => ({ id, product: (await findDevice(session, id)).plain.product }),
  }),
});
