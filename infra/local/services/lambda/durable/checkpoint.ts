/** CheckpointDurableExecution: the function tells its progress, and hears what has happened meanwhile. One transaction. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { applyUpdate, payloadBytes, refuseWrong, type Update, updateSchema } from './apply-update.ts';
import type { ExecutionStore } from './execution-store.ts';
import type { Execution } from './executions.ts';
import { invalid, OPERATION_LIMIT, STORAGE_LIMIT } from './limits.ts';
import { inResponse, type Operation, onWire } from './operation.ts';

const requestSchema = z.object({
  CheckpointToken: z.string(),
  ClientToken: z.string().optional(),
  Updates: z.array(updateSchema).default([]),
});

/** The invocation under way, as far as the engine changes operations behind its back. */
export interface InvocationNews {
  /** Operations that changed since the function last heard of them. */
  readonly unheard: Set<string>;
  /** Whether any did since the invocation began: then it may have missed something when it suspends. */
  any: boolean;
}

export function checkpoint(
  store: ExecutionStore,
  arn: string,
  body: unknown,
  news: InvocationNews | undefined,
): string {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  const { CheckpointToken, ClientToken, Updates } = parsed.data;
  const call = `${CheckpointToken} ${ClientToken ?? ''}`;
  return store.atomically(() => {
    const execution = store.executions.find(arn);
    // The SDK repeats a call whose answer was lost, with the same client token.
    if (ClientToken && execution?.last_call === call && execution.last_answer) return execution.last_answer;
    if (!execution || !news || execution.token !== CheckpointToken) throw invalid('Invalid Checkpoint Token');
    const changed = applyAll(store, execution, Updates);
    note(news, store.operations.fireDue(arn, store.clock.now()));
    for (const id of news.unheard) {
      const operation = store.operations.get(arn, id);
      if (operation) changed.set(id, operation);
    }
    news.unheard.clear();
    const token = randomUUID();
    const answer = JSON.stringify({
      CheckpointToken: token,
      NewExecutionState: { Operations: [...changed.values()].map((operation) => onWire(operation, inResponse)) },
    });
    const bytes = Updates.reduce((sum, update) => sum + payloadBytes(update), 0);
    store.executions.checkpointed(arn, { token, id: call, answer, bytes });
    return answer;
  });
}

export function note(news: InvocationNews, ids: readonly string[]): void {
  for (const id of ids) news.unheard.add(id);
  if (ids.length > 0) news.any = true;
}

function applyAll(store: ExecutionStore, { arn, bytes }: Execution, updates: readonly Update[]) {
  const { executions, operations } = store;
  const now = store.clock.now();
  const changed = new Map<string, Operation>();
  for (const update of updates) {
    refuseWrong(update);
    if (update.Type === 'EXECUTION') {
      const status = update.Action === 'SUCCEED' ? 'SUCCEEDED' : 'FAILED';
      executions.finish(arn, { status, result: update.Payload, error: update.Error }, now);
      continue;
    }
    const operation = applyUpdate(operations.get(arn, update.Id), update, now);
    operations.put(arn, operation);
    changed.set(operation.id, operation);
  }
  if (operations.count(arn) > OPERATION_LIMIT) {
    throw invalid(`The execution has more than ${OPERATION_LIMIT} operations.`);
  }
  if (bytes + updates.reduce((sum, update) => sum + payloadBytes(update), 0) > STORAGE_LIMIT) {
    throw invalid(`The execution has checkpointed more than ${STORAGE_LIMIT} bytes.`);
  }
  return changed;
}
