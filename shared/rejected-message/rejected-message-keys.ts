/**
 * Keys of rejected messages, in the entity table. The id is made of the arrival and the message, so that a message that is
 * rejected twice is listed once.
 *
 * | pk                     | sk       | what                                   |
 * |------------------------|----------|----------------------------------------|
 * | `A#{account}#REJECTED` | `{id}`   | a rejected message; ends by `ttl`      |
 */
export const rejectedPartition = (account: string) => `A#${account}#REJECTED`;
export const rejectedKey = (account: string, id: string) => ({ pk: rejectedPartition(account), sk: id });
