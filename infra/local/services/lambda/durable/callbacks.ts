/** The answers from outside that an execution waits for. */
import { AwsError } from '../../../contract.ts';
import { awaitCallback } from './apply-update.ts';
import type { ExecutionStore } from './execution-store.ts';
import { invalid, PAYLOAD_LIMIT } from './limits.ts';
import { type ErrorObject, isOpen, type Operation } from './operation.ts';
import type { Runner } from './runner.ts';

export type CallbackNews =
  | { readonly kind: 'succeed'; readonly result: string }
  | { readonly kind: 'fail'; readonly error: ErrorObject }
  | { readonly kind: 'heartbeat' };

export function findCallback({ operations }: ExecutionStore, callbackId: string) {
  const found = operations.byCallback(callbackId);
  if (!found)
    throw new AwsError('ResourceNotFoundException', `Callback not found: ${callbackId}`, 404, { Type: 'User' });
  return found;
}

export function answerCallback(store: ExecutionStore, runner: Runner, callbackId: string, news: CallbackNews): void {
  const { execution, operation } = findCallback(store, callbackId);
  const running = store.executions.find(execution)?.status === 'RUNNING';
  if (!running || !isOpen(operation)) {
    const message = `Callback ${callbackId} is no longer waited for`;
    throw new AwsError('CallbackTimeoutException', message, 400, { Type: 'User' });
  }
  const now = store.clock.now();
  if (news.kind === 'heartbeat') {
    store.operations.put(execution, awaitCallback(operation, now));
    return;
  }
  store.operations.put(execution, answered(operation, news, now));
  runner.changed(execution, operation.id);
}

function answered(
  operation: Operation,
  news: Exclude<CallbackNews, { kind: 'heartbeat' }>,
  endedAt: number,
): Operation {
  const size = Buffer.byteLength(news.kind === 'succeed' ? news.result : JSON.stringify(news.error));
  if (size > PAYLOAD_LIMIT)
    throw invalid(`Callback payload size must be less than or equal to ${PAYLOAD_LIMIT} bytes.`);
  return news.kind === 'succeed'
    ? { ...operation, status: 'SUCCEEDED', endedAt, result: news.result }
    : { ...operation, status: 'FAILED', endedAt, error: news.error };
}
