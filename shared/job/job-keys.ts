/**
 * Keys of jobs, in the entity table. The kinds are apart, so that each lists its own; slots are what jobs of all kinds run in.
 *
 * | pk                          | sk       | what                                         |
 * |-----------------------------|----------|----------------------------------------------|
 * | `A#{account}#JOBS#{kind}`   | `{job}`  | a job                                        |
 * | `A#{account}#JOBSLOTS`      | `{slot}` | a slot in use: `job`, `kind`; absent: free   |
 */
export const jobPartition = (account: string, kind: string) => `A#${account}#JOBS#${kind}`;
export const jobKey = (account: string, kind: string, job: string) => ({ pk: jobPartition(account, kind), sk: job });
export const slotPartition = (account: string) => `A#${account}#JOBSLOTS`;
export const slotKey = (account: string, slot: string) => ({ pk: slotPartition(account), sk: slot });
