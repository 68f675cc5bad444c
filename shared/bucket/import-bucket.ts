/** Buckets of an import: made with the times of their archive. They collect from then on. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { AccountSession } from '../platform/account-session.ts';
import { writeTogether } from '../platform/entity.ts';
import type { BucketDocument } from './archived-buckets.ts';
import { bucketKey } from './bucket-keys.ts';
import { buckets } from './bucket-store.ts';
import { showBucket } from './find-bucket.ts';

export async function importedBucket(session: AccountSession, id: string): Promise<BucketDocument | undefined> {
  const found = await buckets.find(session, id);
  return found && showBucket(found);
}

/** `alongside` is written with it, or neither is. */
export async function importBucket(
  session: AccountSession,
  { id, name, timeZone, createdAt, updatedAt, ...instruction }: BucketDocument,
  alongside: TransactWriteItem[],
): Promise<void> {
  const key = bucketKey(session.account, id);
  const made = buckets.make(key, Date.parse(createdAt), { id, ...instruction }, { name, timeZone });
  const bucket = { ...made, updatedAt: Date.parse(updatedAt) };
  await writeTogether(session, [...(await buckets.add(session, bucket)), ...alongside]);
}
