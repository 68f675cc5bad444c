/**
 * Keys of the keyring table.
 *
 * | pk                    | sk        | what                                     |
 * |-----------------------|-----------|------------------------------------------|
 * | `A#{account}#KEYRING` | `ACCOUNT` | the account's data key, wrapped by KMS   |
 */
export const accountKeyKey = (account: string) => ({ pk: `A#${account}#KEYRING`, sk: 'ACCOUNT' });
