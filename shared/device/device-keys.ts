/**
 * Keys of devices, in the entity table. A serial number stands in a key as an HMAC; see serial-number.ts.
 *
 * | pk                                    | sk                    | what                                          |
 * |---------------------------------------|-----------------------|-----------------------------------------------|
 * | `A#{account}#P#{product}#DEVICES`     | `{device}`            | the device                                    |
 * | `A#{account}#DEVICES`                 | `{device}`            | the pointer: `product`                        |
 * | `A#{account}#P#{product}#CREDENTIALS` | `{device}#{credential}` | a credential                                |
 * | `A#{account}#P#{product}#PRESENCE`    | `{device}`            | `connected`, `at`, `order` (written by presence) |
 * | `A#{account}#P#{product}#NUMBERS`     | `{number, 10 digits}` | `device`                                      |
 * | `A#{account}#P#{product}#SERIALS`     | `{hash}#{device}`     | names the `device` that has a serial number   |
 * | `A#{account}#P#{product}#SERIALS`     | `{hash}`              | a claim: the `device` that a connector makes for it |
 *
 * A number's item is written with its device and outlives it: readings of a device that is gone may still lie in blocks, which
 * name it by its number alone.
 */
export const devicePartition = (account: string, product: string) => `A#${account}#P#${product}#DEVICES`;
export const deviceKey = (account: string, product: string, device: string) => ({
  pk: devicePartition(account, product),
  sk: device,
});
export const deviceListPartition = (account: string) => `A#${account}#DEVICES`;
export const devicePointerKey = (account: string, device: string) => ({ pk: deviceListPartition(account), sk: device });
export const credentialPartition = (account: string, product: string) => `A#${account}#P#${product}#CREDENTIALS`;
export const credentialPrefix = (device: string) => `${device}#`;
export const credentialKey = (account: string, product: string, device: string, credential: string) => ({
  pk: credentialPartition(account, product),
  sk: credentialPrefix(device) + credential,
});
export const presenceKey = (account: string, product: string, device: string) => ({
  pk: `A#${account}#P#${product}#PRESENCE`,
  sk: device,
});
export const numberPartition = (account: string, product: string) => `A#${account}#P#${product}#NUMBERS`;
export const numberKey = (account: string, product: string, number: number) => ({
  pk: numberPartition(account, product),
  sk: String(number).padStart(10, '0'),
});
export const serialPartition = (account: string, product: string) => `A#${account}#P#${product}#SERIALS`;
export const serialKey = (account: string, product: string, hash: string, device: string) => ({
  pk: serialPartition(account, product),
  sk: `${hash}#${device}`,
});
export const serialClaimKey = (account: string, product: string, hash: string) => ({
  pk: serialPartition(account, product),
  sk: hash,
});
