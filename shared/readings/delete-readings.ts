/** Begins the deletion of a range of a bucket's readings. */
import type { UseCase } from '../api/edge.ts';
import { findBucket } from '../bucket/find-bucket.ts';
import { beginDeletion } from '../deletion/begin-deletion.ts';
import type { JobStarts } from '../job/begin-job.ts';
import { sourceProducts } from './find-source.ts';
import type { readingsRoutes } from './readings-api.ts';

export const deleteReadings =
  (deps: JobStarts): UseCase<typeof readingsRoutes.delete> =>
  async (caller, { params, query }) => {
    const { plain: bucket } = await findBucket(caller.session, params.id);
    const products = await sourceProducts(caller.session, bucket.source, query.device);
    return beginDeletion(deps, caller, { of: 'range', bucket: params.id, products, ...query });
  };
