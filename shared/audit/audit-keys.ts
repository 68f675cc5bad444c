/**
 * Keys of the audit table. A month is a partition, so that none grows without end.
 *
 * | pk                             | sk         | members                                                    |
 * |--------------------------------|------------|------------------------------------------------------------|
 * | `A#{account}#AUDIT#{yyyy-mm}`  | `{event}`  | `at`, `action`, `principalKind`, `principal`, `target`, `status` |
 */
export const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);
/** `month`: `yyyy-mm`, UTC. */
export const auditPartition = (account: string, month: string) => `A#${account}#AUDIT#${month}`;
export const auditEventKey = (account: string, at: number, event: string) => ({
  pk: auditPartition(account, monthOf(at)),
  sk: event,
});
