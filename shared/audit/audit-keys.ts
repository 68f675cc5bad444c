/**
 * Keys of the audit table. A month is a partition, so that none grows without end.
 *
 * | pk                             | sk         | members                                                    |
 * |--------------------------------|------------|------------------------------------------------------------|
 * | `A#{account}#AUDIT#{yyyy-mm}`  | `{event}`  | `at`, `action`, `principalKind`, `principal`, `target`, `status` |
 */
export const auditEventKey = (account: string, at: number, event: string) => ({
  pk: `A#${account}#AUDIT#${new Date(at).toISOString().slice(0, 7)}`,
  sk: event,
});
