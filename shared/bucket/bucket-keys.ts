/**
 * Keys of buckets, in the entity table. The version counts changes of what is collected: ingest reads it once per batch, and the
 * buckets themselves only when it has changed.
 *
 * | pk                    | sk         | what                     |
 * |-----------------------|------------|--------------------------|
 * | `A#{account}#BUCKETS` | `{bucket}` | a bucket                 |
 * | `A#{account}#BUCKETS` | `VERSION`  | `n`, counted up          |
 */
export const bucketPartition = (account: string) => `A#${account}#BUCKETS`;
export const BUCKET_PREFIX = 'bkt_';
export const bucketKey = (account: string, bucket: string) => ({ pk: bucketPartition(account), sk: bucket });
export const bucketVersionKey = (account: string) => ({ pk: bucketPartition(account), sk: 'VERSION' });
