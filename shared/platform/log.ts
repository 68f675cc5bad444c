/**
 * Logs and service data (P7): one JSON object a line on standard output, for operators. Ids of requests, never a customer's
 * value, name, e-mail, token or body. Counts are CloudWatch's embedded metric format, with no dimension at all, from the
 * closed list below: no id of an account, person or device can get into a metric.
 */

/** The closed list of counters. */
export const COUNTERS = [
  'ReadingsStored',
  'ReadingsUncollected',
  'MessagesRejected',
  'DeadLettersSealed',
  'CompactionsFailed',
  'BlocksDamaged',
  'RequestsFailed',
] as const;
export type Counter = (typeof COUNTERS)[number];

export const METRIC_NAMESPACE = 'Custodia';

export function log(
  level: 'info' | 'warn' | 'error',
  message: string,
  fields: Record<string, string | number> = {},
): void {
  console.log(JSON.stringify({ level, message, ...fields }));
}

/** Adds to counters; zeros are left out. */
export function count(now: number, counts: Partial<Record<Counter, number>>): void {
  const entries = Object.entries(counts).filter(([, n]) => n > 0);
  if (entries.length === 0) return;
  const metrics = entries.map(([Name]) => ({ Name, Unit: 'Count' }));
  console.log(
    JSON.stringify({
      _aws: {
        Timestamp: now,
        CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [[]], Metrics: metrics }],
      },
      ...Object.fromEntries(entries),
    }),
  );
}

/** What of an error may be logged: its class, code and stack; messages of our own and AWS's errors carry no values. */
export function errorFields(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { error: typeof error };
  return { error: error.name, reason: error.message.slice(0, 300), stack: (error.stack ?? '').slice(0, 2000) };
}
