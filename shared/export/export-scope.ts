/** Which things a scope takes in: of the account's products, devices and buckets, those that an export reads. */
import { notFound } from '../api/errors.ts';
import { archivedBuckets, type BucketDocument } from '../bucket/archived-buckets.ts';
import { findDevice } from '../device/find-device.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { allProductIds, findProduct } from '../product/find-product.ts';
import type { ExportInput } from './export.ts';

export interface ExportScope {
  /** Whether all of the account is meant. */
  readonly isAccount: boolean;
  /** In the order of their ids. */
  readonly products: readonly string[];
  /** One device alone. */
  readonly device: string | undefined;
  readonly buckets: readonly BucketDocument[];
  /** Inclusive and exclusive, epoch ms. */
  readonly from: number;
  readonly to: number;
}

const FAR = Date.UTC(9999, 11, 31);

/** Throws not-found where what the scope names is gone. */
export async function resolveScope(session: AccountSession, input: ExportInput): Promise<ExportScope> {
  const { scope, cut } = input;
  const own: { from?: number | undefined; to?: number | undefined } = 'bucket' in scope ? scope : {};
  const from = Math.max(input.from ?? 0, own.from ?? 0);
  const to = Math.min(input.to ?? FAR, own.to ?? FAR);
  const all = await Array.fromAsync(archivedBuckets(session, cut));
  const isAccount = 'account' in scope;
  if ('product' in scope) {
    await findProduct(session, scope.product);
    const buckets = all.filter(({ source }) => source.product === undefined || source.product === scope.product);
    return { isAccount, products: [scope.product], device: undefined, buckets, from, to };
  }
  const device = 'device' in scope ? scope.device : undefined;
  const product = device === undefined ? undefined : (await findDevice(session, device)).plain.product;
  if ('bucket' in scope) {
    const bucket = all.find(({ id }) => id === scope.bucket);
    if (!bucket) throw notFound('bucket');
    const named = product ?? bucket.source.product;
    const products = named === undefined ? await allProductIds(session) : [named];
    return { isAccount, products, device: device ?? bucket.source.device, buckets: [bucket], from, to };
  }
  if (product === undefined) {
    return { isAccount, products: await allProductIds(session), device, buckets: all, from, to };
  }
  const buckets = all.filter(
    ({ source }) =>
      (source.product === undefined || source.product === product) &&
      (source.device === undefined || source.device === device),
  );
  return { isAccount, products: [product], device, buckets, from, to };
}
