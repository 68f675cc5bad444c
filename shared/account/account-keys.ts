/**
 * Keys of the account's own item, in the entity table.
 *
 * | pk                    | sk        | what        |
 * |-----------------------|-----------|-------------|
 * | `A#{account}#ACCOUNT` | `ACCOUNT` | the profile |
 */
export const accountKey = (account: string) => ({ pk: `A#${account}#ACCOUNT`, sk: 'ACCOUNT' });
