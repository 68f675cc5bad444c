/** What the engine answers to calls that the SDK makes only when something is wrong, or never. */
import type { OperationUpdate } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDurableBench, type DurableBench } from './support.ts';

let bench: DurableBench;
let version: string;
beforeAll(async () => {
  bench = await createDurableBench();
  version = await bench.durable('raw');
  bench.lambda.start();
});
afterAll(() => bench.close());

interface Call {
  readonly updates: OperationUpdate[];
  readonly token?: string;
  readonly client?: string;
}
/** What each call came to. */
async function raw(...calls: Call[]): Promise<unknown> {
  const { status, result, error } = await bench.ended(await bench.begin(version, { calls }));
  return status === 'SUCCEEDED' ? result : { status, error };
}
const step = (Id: string, Action: OperationUpdate['Action'], more: Partial<OperationUpdate> = {}): OperationUpdate => ({
  Id,
  Action,
  Type: 'STEP',
  ...more,
});
const refused = (message: string) => expect.stringContaining(`InvalidParameterValueException: ${message}`);

test('a token serves once; a call whose answer was lost may be repeated', async () => {
  const updates = [step('a', 'START')];
  expect(
    await raw(
      { updates, client: 'one' },
      { updates, client: 'one', token: 'first' },
      { updates, client: 'other', token: 'first' },
      { updates: [step('a', 'SUCCEED', { Payload: '1' })] },
      { updates, token: 'nonsense' },
    ),
  ).toEqual([
    ['a STARTED'],
    ['a STARTED'],
    refused('Invalid Checkpoint Token'),
    ['a SUCCEEDED'],
    refused('Invalid Checkpoint Token'),
  ]);
});

test('a checkpoint counts wholly or not at all', async () => {
  expect(
    await raw(
      { updates: [step('a', 'START'), { Id: 'w', Type: 'WAIT', Action: 'START' }] },
      { updates: [{ Id: 'a', Type: 'CONTEXT', Action: 'START' }] },
    ),
  ).toEqual([refused('Operation w: WaitOptions are missing'), ['a STARTED']]);
});

test('what can’t follow is refused', async () => {
  expect(
    await raw(
      { updates: [step('a', 'SUCCEED')] },
      { updates: [step('a', 'START')] },
      { updates: [{ Id: 'a', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 1 } }] },
      { updates: [step('b', 'CANCEL')] },
      { updates: [{ Id: 'c', Type: 'CHAINED_INVOKE', Action: 'START' }] },
    ),
  ).toEqual([
    ['a SUCCEEDED'],
    refused('Operation a has already ended'),
    refused('Operation a is of type STEP'),
    refused('Invalid action CANCEL'),
    expect.stringContaining('doesn’t play operations of type CHAINED_INVOKE'.replace('’', "'")),
  ]);
});

test('3,000 operations, and no more', async () => {
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => step(`s${from + index}`, 'SUCCEED'));
  const answers = await raw({ updates: many(0, 3000) }, { updates: many(3000, 1) }, { updates: many(0, 0) });
  expect(answers).toMatchObject([{ length: 3000 }, refused('The execution has more than 3000 operations'), []]);
});

test('an answer that says nothing, or waits for nothing, ends the execution', async () => {
  const ended = async (answer: unknown, calls: Call[] = []) =>
    bench.ended(await bench.begin(version, { calls, answer }));
  expect(await ended('done')).toMatchObject({ status: 'FAILED', error: 'Invalid Status in invocation output.' });
  expect(await ended({ Status: 'PENDING' })).toMatchObject({ status: 'FAILED', error: /no pending operations/ });
  const Payload = JSON.stringify('large');
  const result: OperationUpdate = { Id: 'result', Type: 'EXECUTION', Action: 'SUCCEED', Payload };
  expect(await ended({ Status: 'SUCCEEDED', Result: '' }, [{ updates: [result] }])).toMatchObject({
    status: 'SUCCEEDED',
    result: 'large',
  });
});
