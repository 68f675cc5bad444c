/**
 * Keys of the keyring table, and the names of the second copies in the keyring's S3 bucket. A family is a partition and a prefix,
 * so that a system function can be given one family alone.
 *
 * | pk                               | sk             | second copy, below `accounts/{account}/keyring/` | what                |
 * |----------------------------------|----------------|--------------------------------------------------|---------------------|
 * | `A#{account}#KEYRING`            | `ACCOUNT`      | `account`                                        | the account's key   |
 * | `A#{account}#BUCKETKEYS`         | `{bucket}`     | `buckets/{bucket}`                               | a bucket's key      |
 * | `A#{account}#P#{product}#DEVICEKEYS` | `{device}` | `products/{product}/devices/{device}`            | a device's key      |
 * | `A#{account}#P#{product}#DAYKEYS` | `{yyyy-mm-dd}` | `products/{product}/days/{yyyy-mm-dd}`          | fresh blocks of a day |
 */
import type { DataKeyName } from '../platform/account-session.ts';

/** Where the two copies of one key stand. */
export interface KeyPlace {
  readonly row: { readonly pk: string; readonly sk: string };
  /** The object's name. */
  readonly copy: string;
}

export interface KeyFamily {
  readonly pk: string;
  /** What the objects' names begin with; the row's sort key follows. */
  readonly prefix: string;
}

const prefixOf = (account: string) => `accounts/${account}/keyring/`;

export const accountKeyPlace = (account: string): KeyPlace => ({
  row: { pk: `A#${account}#KEYRING`, sk: 'ACCOUNT' },
  copy: `${prefixOf(account)}account`,
});

export const bucketKeys = (account: string): KeyFamily => ({
  pk: `A#${account}#BUCKETKEYS`,
  prefix: `${prefixOf(account)}buckets/`,
});
export const deviceKeys = (account: string, product: string): KeyFamily => ({
  pk: `A#${account}#P#${product}#DEVICEKEYS`,
  prefix: `${prefixOf(account)}products/${product}/devices/`,
});
export const dayKeys = (account: string, product: string): KeyFamily => ({
  pk: `A#${account}#P#${product}#DAYKEYS`,
  prefix: `${prefixOf(account)}products/${product}/days/`,
});

export const placeIn = ({ pk, prefix }: KeyFamily, id: string): KeyPlace => ({
  row: { pk, sk: id },
  copy: prefix + id,
});

export function dataKeyPlace(account: string, name: DataKeyName): KeyPlace {
  if ('bucket' in name) return placeIn(bucketKeys(account), name.bucket);
  if ('device' in name) return placeIn(deviceKeys(account, name.product), name.device);
  return placeIn(dayKeys(account, name.product), name.day);
}
