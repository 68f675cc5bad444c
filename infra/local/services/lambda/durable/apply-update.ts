/** What the function says of one operation, read and applied to what is known of it. Pure. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { invalid, PAYLOAD_LIMIT, RESULT_LIMIT } from './limits.ts';
import { errorObject, isOpen, type Operation } from './operation.ts';

const seconds = z.int().min(1).max(31_622_400);

export const updateSchema = z.object({
  Id: z.string().min(1).max(64),
  ParentId: z.string().optional(),
  Name: z.string().max(256).optional(),
  Type: z.enum(['EXECUTION', 'CONTEXT', 'STEP', 'WAIT', 'CALLBACK'], {
    error: ({ input }) => `the laptop host doesn't play operations of type ${input}`,
  }),
  SubType: z.string().max(32).optional(),
  Action: z.enum(['START', 'SUCCEED', 'FAIL', 'RETRY', 'CANCEL']),
  Payload: z.string().optional(),
  Error: errorObject.optional(),
  ContextOptions: z.object({ ReplayChildren: z.boolean().optional() }).optional(),
  StepOptions: z.object({ NextAttemptDelaySeconds: seconds.optional() }).optional(),
  WaitOptions: z.object({ WaitSeconds: seconds }).optional(),
  CallbackOptions: z
    .object({ TimeoutSeconds: z.int().min(0).optional(), HeartbeatTimeoutSeconds: z.int().min(0).optional() })
    .optional(),
});
export type Update = z.output<typeof updateSchema>;

const ACTIONS: Readonly<Record<Update['Type'], readonly Update['Action'][]>> = {
  EXECUTION: ['SUCCEED', 'FAIL'],
  CONTEXT: ['START', 'SUCCEED', 'FAIL'],
  STEP: ['START', 'SUCCEED', 'FAIL', 'RETRY'],
  WAIT: ['START', 'CANCEL'],
  CALLBACK: ['START'],
};

export const payloadBytes = (update: Update): number =>
  Buffer.byteLength(update.Payload ?? '') + (update.Error ? Buffer.byteLength(JSON.stringify(update.Error)) : 0);

export function refuseWrong(update: Update): void {
  const { Type, Action } = update;
  if (!ACTIONS[Type].includes(Action)) throw invalid(`Invalid action ${Action} for an operation of type ${Type}`);
  const limit = Type === 'EXECUTION' ? RESULT_LIMIT : PAYLOAD_LIMIT;
  if (payloadBytes(update) > limit) {
    throw invalid(`${Type} payload size must be less than or equal to ${limit} bytes.`);
  }
}

/** Answers the operation as it now is. Throws `InvalidParameterValueException` for what can't follow what is known. */
export function applyUpdate(known: Operation | undefined, update: Update, now: number): Operation {
  const { Id, Type } = update;
  if (known && known.type !== Type) throw invalid(`Operation ${Id} is of type ${known.type}, not ${Type}`);
  if (known && !isOpen(known)) throw invalid(`Operation ${Id} has already ended: ${known.status}`);
  const operation: Operation = known ?? {
    id: Id,
    parentId: update.ParentId,
    name: update.Name,
    type: Type,
    subType: update.SubType,
    status: 'STARTED',
    startedAt: now,
  };
  switch (update.Action) {
    case 'START':
      return start(operation, update, now);
    case 'RETRY':
      return {
        ...operation,
        status: 'PENDING',
        attempt: (operation.attempt ?? 0) + 1,
        dueAt: now + (update.StepOptions?.NextAttemptDelaySeconds ?? 0) * 1000,
        error: update.Error,
        // A condition's state, polled again later.
        result: update.Payload ?? operation.result,
      };
    case 'CANCEL':
      return { ...operation, status: 'CANCELLED', endedAt: now };
    default:
      return {
        ...operation,
        status: update.Action === 'SUCCEED' ? 'SUCCEEDED' : 'FAILED',
        endedAt: now,
        result: update.Payload,
        error: update.Error,
        ...(Type === 'STEP' ? { attempt: (operation.attempt ?? 0) + 1 } : {}),
        ...(update.ContextOptions?.ReplayChildren ? { replayChildren: true } : {}),
      };
  }
}

function start(operation: Operation, { WaitOptions, CallbackOptions }: Update, now: number): Operation {
  const started: Operation = { ...operation, status: 'STARTED' };
  if (operation.type === 'WAIT') {
    if (!WaitOptions) throw invalid(`Operation ${operation.id}: WaitOptions are missing`);
    return { ...started, dueAt: now + WaitOptions.WaitSeconds * 1000 };
  }
  if (operation.type !== 'CALLBACK') return started;
  const { TimeoutSeconds = 0, HeartbeatTimeoutSeconds = 0 } = CallbackOptions ?? {};
  return awaitCallback(
    {
      ...started,
      callbackId: operation.callbackId ?? randomUUID(),
      ...(TimeoutSeconds ? { timeoutAt: now + TimeoutSeconds * 1000 } : {}),
      ...(HeartbeatTimeoutSeconds ? { heartbeatMs: HeartbeatTimeoutSeconds * 1000 } : {}),
    },
    now,
  );
}

/** The time that a callback has from now on, its heartbeat just heard. */
export function awaitCallback(callback: Operation, now: number): Operation {
  const { timeoutAt = Number.POSITIVE_INFINITY, heartbeatMs = Number.POSITIVE_INFINITY } = callback;
  const dueAt = Math.min(timeoutAt, now + heartbeatMs);
  return Number.isFinite(dueAt) ? { ...callback, dueAt } : callback;
}
