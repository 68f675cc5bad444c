/** What GetDurableExecution and ListDurableExecutionsByFunction tell. */
import type { ExecutionStore } from './execution-store.ts';
import type { Execution } from './executions.ts';
import { inResponse } from './operation.ts';

const summary = ({ arn, name, version, status, started_at, ended_at, ...execution }: Execution) => ({
  DurableExecutionArn: arn,
  DurableExecutionName: name,
  FunctionArn: `${execution.function}:${version}`,
  Status: status,
  StartTimestamp: inResponse(started_at),
  ...(ended_at === null ? {} : { EndTimestamp: inResponse(ended_at) }),
});

export function describeExecution(execution: Execution, query: URLSearchParams) {
  const included = query.get('IncludeExecutionData') !== 'false';
  const { input, result, error, version, started_at, timeout_at, retention } = execution;
  const data = {
    InputPayload: input,
    ...(result === null ? {} : { Result: result }),
    ...(error ? { Error: error } : {}),
  };
  return {
    ...summary(execution),
    Version: version,
    ExecutionDataIncluded: included,
    DurableConfig: {
      ExecutionTimeout: (timeout_at - started_at) / 1000,
      RetentionPeriodInDays: retention / 86_400_000,
    },
    ...(included ? data : {}),
  };
}

/** The newest first, unless asked for the other way round. */
export function listExecutions({ executions }: ExecutionStore, functionArn: string, query: URLSearchParams) {
  const statuses = new Set(query.getAll('Statuses'));
  const name = query.get('DurableExecutionName');
  const version = query.get('Qualifier');
  const time = (key: string, otherwise: number) => Date.parse(query.get(key) ?? '') || otherwise;
  const after = time('StartedAfter', Number.NEGATIVE_INFINITY);
  const before = time('StartedBefore', Number.POSITIVE_INFINITY);
  const found = executions
    .select('function = ? ORDER BY started_at, rowid', functionArn)
    .filter((execution) => statuses.size === 0 || statuses.has(execution.status))
    .filter((execution) => name === null || execution.name === name)
    .filter((execution) => version === null || execution.version === version)
    .filter(({ started_at }) => started_at > after && started_at < before);
  if (query.get('ReverseOrder') !== 'true') found.reverse();
  const start = Number(query.get('Marker') ?? 0);
  const end = start + Math.min(Number(query.get('MaxItems')) || 100, 1000);
  return {
    DurableExecutions: found.slice(start, end).map(summary),
    ...(end < found.length ? { NextMarker: String(end) } : {}),
  };
}
