/**
 * Keys of members, in the entity table.
 *
 * | pk                    | sk         | what     |
 * |-----------------------|------------|----------|
 * | `A#{account}#MEMBERS` | `{member}` | a member |
 */
export const memberPartition = (account: string) => `A#${account}#MEMBERS`;
export const memberKey = (account: string, member: string) => ({ pk: memberPartition(account), sk: member });
