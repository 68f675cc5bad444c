/** The host's clock, callbacks, and what ends an execution from outside. */
import {
  ListDurableExecutionsByFunctionCommand,
  SendDurableExecutionCallbackFailureCommand,
  SendDurableExecutionCallbackHeartbeatCommand,
  SendDurableExecutionCallbackSuccessCommand,
  StopDurableExecutionCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDurableBench, type DurableBench, type Notebook } from './support.ts';

let bench: DurableBench;
let book: Notebook;
beforeEach(async () => {
  bench = await createDurableBench();
  bench.lambda.start();
  book = bench.notebook('notes');
});
afterEach(() => bench.close());

/** For what must not happen. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 250));
const DAY = 86_400;

test('a wait of hours ends when the clock is moved, not before', async () => {
  const version = await bench.durable('waiting', { DurableConfig: { ExecutionTimeout: DAY } });
  const arn = await bench.begin(version, { file: book.file });
  await bench.invoked('waiting', 1);
  const due = bench.clock.now() + 6 * 3_600_000;
  bench.advance(6 * 3600 - 60);
  await settle();
  expect(await bench.read(arn)).toMatchObject({ status: 'RUNNING' });
  expect(book.notes().length).toBe(1);
  bench.advance(61);
  const { status, result } = await bench.ended(arn);
  expect(status).toBe('SUCCEEDED');
  expect(Date.parse(String(result))).toBeGreaterThan(due - 5000);
  expect(book.notes().length).toBe(2);
});

test('an execution that outlives its timeout is over, and its name is free once it is forgotten', async () => {
  const version = await bench.durable('waiting', {
    DurableConfig: { ExecutionTimeout: 3600, RetentionPeriodInDays: 2 },
  });
  const arn = await bench.begin(version, { file: book.file }, 'once');
  await bench.invoked('waiting', 1);
  bench.advance(3601);
  expect(await bench.ended(arn)).toMatchObject({ status: 'TIMED_OUT', error: 'Execution timed out' });
  bench.advance(DAY);
  expect(await bench.begin(version, { file: book.file }, 'once')).toBe(arn);
  bench.advance(DAY + 1);
  expect(await bench.begin(version, { file: book.file }, 'once')).not.toBe(arn);
  await expect(bench.read(arn)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a stopped execution never goes on, and the list tells how each ended', async () => {
  const version = await bench.durable('waiting', { DurableConfig: { ExecutionTimeout: DAY } });
  const arn = await bench.begin(version, { file: book.file }, 'stopped');
  const other = await bench.begin(version, { file: book.file }, 'other');
  await bench.invoked('waiting', 2);
  const failure = { ErrorType: 'Cancelled', ErrorMessage: 'by the customer' };
  const { StopTimestamp } = await bench.client.send(
    new StopDurableExecutionCommand({ DurableExecutionArn: arn, Error: failure }),
  );
  expect(StopTimestamp).toBeInstanceOf(Date);
  bench.advance(6 * 3600 + 1);
  expect(await bench.ended(other)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await bench.read(arn)).toMatchObject({ status: 'STOPPED', error: 'by the customer' });
  expect(book.notes().length).toBe(3);

  const list = async (query: object) => {
    const command = new ListDurableExecutionsByFunctionCommand({ FunctionName: 'Test-waiting', ...query });
    const { DurableExecutions = [] } = await bench.client.send(command);
    return DurableExecutions.map(({ DurableExecutionName, Status }) => `${DurableExecutionName} ${Status}`);
  };
  expect(await list({})).toEqual(['other SUCCEEDED', 'stopped STOPPED']);
  expect(await list({ Statuses: ['STOPPED'] })).toEqual(['stopped STOPPED']);
  expect(await list({ DurableExecutionName: 'other', Qualifier: '1' })).toEqual(['other SUCCEEDED']);
  expect(await list({ Qualifier: '$LATEST' })).toEqual([]);
});

test('a callback brings its result, its error, or nothing in time', async () => {
  const version = await bench.durable('callback');
  const [CallbackId = '', execution] = await asked(version);
  await bench.client.send(new SendDurableExecutionCallbackHeartbeatCommand({ CallbackId }));
  await bench.client.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId, Result: '"yes"' }));
  expect(await bench.ended(execution)).toMatchObject({ status: 'SUCCEEDED', result: '"yes"' });

  const [failing = '', refused] = await asked(version);
  const failure = { ErrorType: 'No', ErrorMessage: 'not today' };
  await bench.client.send(new SendDurableExecutionCallbackFailureCommand({ CallbackId: failing, Error: failure }));
  expect(await bench.ended(refused)).toMatchObject({ status: 'FAILED', error: 'not today' });

  const [late = '', forgotten] = await asked(version);
  bench.advance(301);
  expect(await bench.ended(forgotten)).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/timed out/i) });
  await expect(
    bench.client.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId: late, Result: '1' })),
  ).rejects.toMatchObject({ name: 'CallbackTimeoutException' });
});

/** Begins an execution that asks for a callback, and waits until it does nothing else; answers the callback's id, and its ARN. */
async function asked(version: string): Promise<[string | undefined, string]> {
  const before = book.notes().length;
  const arn = await bench.begin(version, { file: book.file });
  // An answered callback takes one more invocation.
  await bench.invoked('callback', 2 * before + 1);
  return [book.notes()[before], arn];
}
