/** Small functions that show what the host does with a function. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import type { Context } from 'aws-lambda';

export const echo = async (event: unknown, context: Context) => ({
  event,
  functionName: context.functionName,
  invokedFunctionArn: context.invokedFunctionArn,
  requestId: context.awsRequestId,
  memoryLimitInMB: context.memoryLimitInMB,
  remaining: context.getRemainingTimeInMillis(),
  client: context.clientContext,
});

class CustomError extends Error {
  override name = 'CustomError';
}

export const fail = async () => {
  throw new CustomError('it went wrong');
};
export const nothing = async () => undefined;
export const slow = async () => sleep(60_000);
export const spin = async () => {
  console.log('spinning');
  for (;;);
};
export const exit = async (event: { code?: number }) => {
  if (event.code !== undefined) process.exit(event.code);
  return threadId;
};
export const reject = async () => {
  void Promise.reject(new Error('nobody waits for me'));
  await sleep(60_000);
};
export const hog = async () => {
  const kept: string[][] = [];
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => `${index}-${Math.random()}`));
};
export const big = async () => 'x'.repeat(6_300_000);
export const environment = async () => ({ ...process.env });

/** Says when it began and ended, and where. */
export const takeTurns = async (ms: number) => {
  const began = performance.timeOrigin + performance.now();
  await sleep(ms);
  return { began, ended: performance.timeOrigin + performance.now(), thread: threadId };
};

const loadedAt = { date: new Date(), now: Date.now() };
export const time = async () => {
  const { now } = Date;
  return {
    now: Date.now(),
    captured: now(),
    fresh: Date.parse(new Date().toISOString()),
    text: Date.parse(Date()),
    given: new Date(86_400_000).toISOString(),
    isDate: new Date() instanceof Date && new (new Date(0).constructor as DateConstructor)() instanceof Date,
    loadedAt: loadedAt.now,
    offset: new Date(2026, 6, 1).getTimezoneOffset(),
  };
};

export const print = async () => {
  console.log('hello', { to: 'the log' });
  console.error('and an error');
  process.stdout.write('raw\n');
};

/** Notes each attempt, and fails as long as the event says. */
export const stubborn = async (event: { failures: number; file: string }, context: Context) => {
  appendFileSync(event.file, `${context.awsRequestId}\n`);
  const { readFileSync } = await import('node:fs');
  if (readFileSync(event.file, 'utf8').trim().split('\n').length <= event.failures) throw new Error('not yet');
};

export const legacy = (_event: unknown, _context: unknown, callback: (error: null) => void) => callback(null);
