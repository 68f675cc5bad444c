/** Buckets as an archive holds them, a line each: `data/buckets.ndjson`. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { everyPage } from '../platform/every-page.ts';
import { bucket } from './bucket.ts';
import { buckets } from './bucket-store.ts';
import { showBucket } from './find-bucket.ts';

export const bucketDocument = z.strictObject(bucket.shape);
export type BucketDocument = z.output<typeof bucketDocument>;

const PAGE = 200;

/** Those that were there before `before` (epoch ms), in the order of their ids. */
export async function* archivedBuckets(session: AccountSession, before: number): AsyncGenerator<BucketDocument> {
  for await (const stored of everyPage((after) => buckets.page(session, { limit: PAGE, after }))) {
    if (stored.createdAt < before) yield showBucket(stored);
  }
}
