/** One operation of a durable execution, as it is kept: times are epoch milliseconds, details lie flat. */
import * as z from 'zod';

export const errorObject = z
  .object({ ErrorMessage: z.string(), ErrorType: z.string(), ErrorData: z.string(), StackTrace: z.array(z.string()) })
  .partial();
export type ErrorObject = z.output<typeof errorObject>;

const operationSchema = z.object({
  id: z.string(),
  parentId: z.string().optional(),
  name: z.string().optional(),
  type: z.enum(['EXECUTION', 'CONTEXT', 'STEP', 'WAIT', 'CALLBACK']),
  subType: z.string().optional(),
  status: z.enum(['STARTED', 'PENDING', 'READY', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'TIMED_OUT', 'STOPPED']),
  startedAt: z.number(),
  endedAt: z.number().optional(),
  /** When the engine acts on it by itself: a wait ends, a step may be tried again, a callback is too late. */
  dueAt: z.number().optional(),
  /** Of the execution itself. */
  input: z.string().optional(),
  result: z.string().optional(),
  error: errorObject.optional(),
  /** Attempts of a step that ended. */
  attempt: z.number().optional(),
  /** A context whose result was too large: its children are replayed instead. */
  replayChildren: z.boolean().optional(),
  callbackId: z.string().optional(),
  timeoutAt: z.number().optional(),
  heartbeatMs: z.number().optional(),
});
export type Operation = z.output<typeof operationSchema>;

export const readOperation = (json: string): Operation => operationSchema.parse(JSON.parse(json));

const OPEN: ReadonlySet<Operation['status']> = new Set(['STARTED', 'PENDING', 'READY']);
export const isOpen = ({ status }: Operation): boolean => OPEN.has(status);

/** What time brings: a wait that ends, an attempt that may begin, a callback that did not come. */
export function fire(operation: Operation, now: number): Operation {
  if (operation.type === 'STEP') return { ...operation, status: 'READY' };
  if (operation.type !== 'CALLBACK') return { ...operation, status: 'SUCCEEDED', endedAt: now };
  const late = (operation.timeoutAt ?? Number.POSITIVE_INFINITY) <= now;
  const ErrorMessage = late ? 'Callback timed out' : 'Callback heartbeat timed out';
  return {
    ...operation,
    status: 'TIMED_OUT',
    endedAt: now,
    error: { ErrorMessage, ErrorType: late ? 'Callback.Timeout' : 'Callback.Heartbeat' },
  };
}

/** An invocation's event carries times as ISO 8601, the API as seconds. */
export type WireTime = (milliseconds: number) => string | number;
export const inEvent: WireTime = (milliseconds) => new Date(milliseconds).toISOString();
export const inResponse: WireTime = (milliseconds) => milliseconds / 1000;

export function onWire(operation: Operation, time: WireTime): Record<string, unknown> {
  const { endedAt } = operation;
  return {
    Id: operation.id,
    ParentId: operation.parentId,
    Name: operation.name,
    Type: operation.type,
    SubType: operation.subType,
    Status: operation.status,
    StartTimestamp: time(operation.startedAt),
    ...(endedAt === undefined ? {} : { EndTimestamp: time(endedAt) }),
    ...details(operation, time),
  };
}

function details({ type, dueAt, result: Result, error, ...rest }: Operation, time: WireTime) {
  const due = dueAt === undefined ? undefined : time(dueAt);
  switch (type) {
    case 'EXECUTION':
      return { ExecutionDetails: { InputPayload: rest.input } };
    case 'CONTEXT':
      return { ContextDetails: { ReplayChildren: rest.replayChildren, Result, Error: error } };
    case 'STEP':
      return { StepDetails: { Attempt: rest.attempt, NextAttemptTimestamp: due, Result, Error: error } };
    case 'WAIT':
      return { WaitDetails: { ScheduledEndTimestamp: due } };
    case 'CALLBACK':
      return { CallbackDetails: { CallbackId: rest.callbackId, Result, Error: error } };
  }
}
