/** The use cases of buckets. */
import type { UseCases } from '../api/edge.ts';
import { notFound } from '../api/errors.ts';
import { mergePatch } from '../api/merge-patch.ts';
import { pageBody, pageStart } from '../api/page.ts';
import { orStale, requireVersion } from '../api/versions.ts';
import { beginDeletion } from '../deletion/begin-deletion.ts';
import { findDevice } from '../device/find-device.ts';
import type { JobStarts } from '../job/begin-job.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { writeTogether } from '../platform/entity.ts';
import { findProduct } from '../product/find-product.ts';
import { sourceProducts } from '../readings/find-source.ts';
import { holdsReadings } from '../readings/holds-readings.ts';
import type { Source } from './bucket.ts';
import { bucketRoutes } from './bucket-api.ts';
import { bucketKey } from './bucket-keys.ts';
import { buckets } from './bucket-store.ts';
import { findBucket, showBucket } from './find-bucket.ts';

/** What a source names must be the account's own. */
async function requireSource(session: AccountSession, { product, device }: Source): Promise<void> {
  if (product !== undefined) await findProduct(session, product);
  if (device === undefined) return;
  const { plain } = await findDevice(session, device);
  if (product !== undefined && plain.product !== product) throw notFound('device of this product');
}

export const bucketUseCases = (deps: JobStarts): UseCases<typeof bucketRoutes> => ({
  list: async ({ session }, { query }) => {
    const scope = { route: bucketRoutes.list.id };
    const page = await buckets.page(session, {
      limit: query.limit,
      after: await pageStart(session, scope, query.cursor),
    });
    const body = await pageBody(session, scope, page, showBucket);
    return { body, next: body.next };
  },

  create: async ({ account, session }, { body: { name, timeZone, ...instruction } }) => {
    await requireSource(session, instruction.source);
    const id = deps.newId('bucket');
    await session.keys.ensure({ bucket: id });
    const bucket = buckets.make(bucketKey(account, id), deps.now(), { id, ...instruction }, { name, timeZone });
    await writeTogether(session, await buckets.add(session, bucket));
    return { body: showBucket(bucket), version: bucket.version, location: `/v1/buckets/${id}` };
  },

  get: async ({ session }, { params }) => {
    const bucket = await findBucket(session, params.id);
    return { body: showBucket(bucket), version: bucket.version };
  },

  update: async (caller, { params, body: { retentionDays, ...sealed }, ifMatch }) => {
    const { session } = caller;
    const bucket = await findBucket(session, params.id);
    requireVersion(bucket, ifMatch);
    const plain = mergePatch(bucket.plain, { retentionDays });
    const changed = buckets.change(bucket, deps.now(), mergePatch(bucket.sealed, sealed), plain);
    const write = [await buckets.put(session, changed)];
    // What is stored was written to expire by the retention before.
    if (plain.retentionDays !== bucket.plain.retentionDays) {
      const products = await sourceProducts(session, plain.source);
      await orStale(beginDeletion(deps, caller, { of: 'retention', bucket: params.id, products }, write));
    } else await orStale(writeTogether(session, write));
    return { body: showBucket(changed), version: changed.version };
  },

  delete: async (caller, { params, ifMatch }) => {
    const { session } = caller;
    const bucket = await findBucket(session, params.id);
    requireVersion(bucket, ifMatch);
    const products = await sourceProducts(session, bucket.plain.source);
    const gone = buckets.drop(session, bucket);
    if (await holdsReadings(session, products, { buckets: [params.id] }))
      return orStale(beginDeletion(deps, caller, { of: 'bucket', bucket: params.id, products }, gone));
    await orStale(writeTogether(session, gone));
    // What is in flight is kept nowhere.
    await session.keys.destroy({ bucket: params.id });
    return {};
  },
});
