/**
 * A deletion: the job that removes readings from the live store, of a range of a bucket, or of a bucket, device or product that was
 * deleted; or that has them expire by a bucket's new retention. Snapshots hold them until they expire; an erasure is the final removal.
 */
import * as z from 'zod';
import { streamField } from '../bucket/bucket.ts';
import { shownJobSchema } from '../job/job.ts';
import { idSchema } from '../platform/ids.ts';

export const deletion = shownJobSchema(
  'deletion',
  'Deletion',
  'A job that removes readings from the live store, or has them expire by a bucket’s new retention. It goes on by itself.',
  {},
);

const product = idSchema('product');
const bucket = idSchema('bucket');
const device = idSchema('device');

/** Those that were there when it began: of two things that are deleted at once, each finds the other. */
const products = z.array(product);
const buckets = z.array(bucket);

/** What a deletion is to do. Times are epoch milliseconds. */
export const deletionInput = z.discriminatedUnion('of', [
  z.strictObject({
    of: z.literal('range'),
    bucket,
    products,
    device: device.optional(),
    stream: streamField.optional(),
    from: z.int().optional(),
    to: z.int().optional(),
  }),
  z.strictObject({ of: z.literal('bucket'), bucket, products }),
  /** By the bucket's retention, which has changed. */
  z.strictObject({ of: z.literal('retention'), bucket, products }),
  z.strictObject({ of: z.literal('device'), device, product, buckets }),
  z.strictObject({ of: z.literal('product'), product, buckets }),
]);
export type DeletionInput = z.output<typeof deletionInput>;

/** What progress counts. */
export const DELETION_UNIT = 'products';
