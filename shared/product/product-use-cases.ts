/** The use cases of products. */
import type { UseCases } from '../api/edge.ts';
import { mergePatch } from '../api/merge-patch.ts';
import { pageBody, pageStart } from '../api/page.ts';
import { orStale, requireVersion } from '../api/versions.ts';
import { bucketIds } from '../bucket/instructions.ts';
import { beginDeletion } from '../deletion/begin-deletion.ts';
import { hasDevices } from '../device/find-device.ts';
import type { JobStarts } from '../job/begin-job.ts';
import { writeTogether } from '../platform/entity.ts';
import { dropProperties } from '../property/drop-properties.ts';
import { propertyUseCases } from '../property/property-use-cases.ts';
import { orGone } from '../provisioning/call-provisioner.ts';
import type { Provision } from '../provisioning/provisioner-protocol.ts';
import { holdsReadings } from '../readings/holds-readings.ts';
import { findProduct, showProduct } from './find-product.ts';
import { productRoutes } from './product-api.ts';
import { productKey } from './product-keys.ts';
import { products } from './product-store.ts';

export const productUseCases = (deps: JobStarts & { provision: Provision }): UseCases<typeof productRoutes> => ({
  list: async ({ session }, { query }) => {
    const scope = { route: productRoutes.list.id };
    const page = await products.page(session, {
      limit: query.limit,
      after: await pageStart(session, scope, query.cursor),
    });
    const body = await pageBody(session, scope, page, showProduct);
    return { body, next: body.next };
  },

  create: async ({ account, session, token }, { body }) => {
    const id = deps.newId('product');
    // The thing group first: a product that shows can take devices.
    await deps.provision({ token, account, command: { kind: 'add-product', product: id } });
    const product = products.make(productKey(account, id), deps.now(), { id }, body);
    await writeTogether(session, await products.add(session, product));
    return { body: showProduct(product), version: product.version, location: `/v1/products/${id}` };
  },

  get: async ({ session }, { params }) => {
    const product = await findProduct(session, params.id);
    return { body: showProduct(product), version: product.version };
  },

  update: async ({ session }, { params, body, ifMatch }) => {
    const product = await findProduct(session, params.id);
    requireVersion(product, ifMatch);
    const changed = products.change(product, deps.now(), mergePatch(product.sealed, body));
    await orStale(writeTogether(session, [await products.put(session, changed)]));
    return { body: showProduct(changed), version: changed.version };
  },

  delete: async (caller, { params: { id }, ifMatch }) => {
    const { account, session, token } = caller;
    const product = await findProduct(session, id);
    requireVersion(product, ifMatch);
    const buckets = await bucketIds(session);
    const holds = (await hasDevices(session, id)) || (await holdsReadings(session, [id], { buckets }));
    await orGone(deps.provision({ token, account, command: { kind: 'remove-product', product: id } }));
    await dropProperties(session, { id, product: id });
    const gone = products.drop(session, product);
    if (holds) return orStale(beginDeletion(deps, caller, { of: 'product', product: id, buckets }, gone));
    await orStale(writeTogether(session, gone));
    return {};
  },

  ...propertyUseCases<{ id: string }>({
    now: deps.now,
    id: 'products',
    ownerOf: async ({ session }, { id }) => {
      await findProduct(session, id);
      return { id, product: id };
    },
  }),
});
