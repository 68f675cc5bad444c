/**
 * Keys of members, in the entity table. The roster's version is part of every change of a role, so that the last owner can't be
 * lost between two of them.
 *
 * | pk                    | sk         | what                       |
 * |-----------------------|------------|----------------------------|
 * | `A#{account}#MEMBERS` | `{member}` | a member                   |
 * | `A#{account}#MEMBERS` | `ROSTER`   | `n`, counted up            |
 */
export const memberPartition = (account: string) => `A#${account}#MEMBERS`;
export const MEMBER_PREFIX = 'mbr_';
export const memberKey = (account: string, member: string) => ({ pk: memberPartition(account), sk: member });
export const rosterKey = (account: string) => ({ pk: memberPartition(account), sk: 'ROSTER' });
