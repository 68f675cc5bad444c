/** The use cases of devices. */
import type { UseCases } from '../api/edge.ts';
import { DomainError } from '../api/errors.ts';
import { mergePatch } from '../api/merge-patch.ts';
import { pageBody, pageStart } from '../api/page.ts';
import { orStale, requireVersion } from '../api/versions.ts';
import type { Now } from '../platform/clock.ts';
import { writeTogether } from '../platform/entity.ts';
import type { NewId } from '../platform/ids.ts';
import { findProduct } from '../product/find-product.ts';
import { propertyUseCases } from '../property/property-use-cases.ts';
import type { Provision } from '../provisioning/provisioner-protocol.ts';
import { holdsReadings } from '../readings/holds-readings.ts';
import { addDevice } from './add-device.ts';
import { credentialUseCases, dropCredentials } from './credential-use-cases.ts';
import { deviceRoutes } from './device-api.ts';
import { devices } from './device-store.ts';
import { findDevice, showDevice } from './find-device.ts';

export const deviceUseCases = (deps: {
  now: Now;
  newId: NewId;
  provision: Provision;
}): UseCases<typeof deviceRoutes> => ({
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

  delete: async ({ account, session, token }, { params, ifMatch }) => {
    const device = await findDevice(session, params.id);
    requireVersion(device, ifMatch);
    const { product } = device.plain;
    if (await holdsReadings(session, [product], { device: params.id })) {
      throw new DomainError(
        'conflict',
        'The device holds readings. Deleting a device with its readings is not possible yet.',
      );
    }
    await deps.provision({ token, account, command: { kind: 'remove-device', product, device: params.id } });
    await dropCredentials(session, device);
    await orStale(writeTogether(session, await devices.drop(session, device)));
    return {};
  },

  ...credentialUseCases(deps),

  ...propertyUseCases<{ id: string }>({
    now: deps.now,
    id: 'devices',
    ownerOf: async ({ session }, { id }) => ({ id, product: (await findDevice(session, id)).plain.product }),
  }),
});
