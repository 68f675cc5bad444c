/** Buckets of the caller's account, as other concepts and their own use cases find and show them. */
import { notFound } from '../api/errors.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import type { Bucket } from './bucket.ts';
import { buckets, type StoredBucket } from './bucket-store.ts';

/** Throws not-found for a bucket that isn't there, or is another account's. */
export async function findBucket(session: AccountSession, id: string): Promise<StoredBucket> {
  const bucket = await buckets.find(session, id);
  if (!bucket) throw notFound('bucket');
  return bucket;
}

export const showBucket = ({ plain, sealed, createdAt, updatedAt }: StoredBucket): Bucket => ({
  ...plain,
  ...sealed,
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
});
