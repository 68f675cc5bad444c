/** What a durable function does on the laptop. The tests share a host and run at once: most of their time is waiting. */
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../lambda/support.ts';
import { createDurableBench, DURABLE_ROLE, type DurableBench } from './support.ts';

let bench: DurableBench;
beforeAll(async () => {
  bench = await createDurableBench();
  bench.lambda.start();
});
afterAll(() => bench.close());

test.concurrent('steps, a wait, a map and parallel branches run to the end, each step once', async () => {
  const { file, notes } = bench.notebook('work');
  const arn = await bench.begin(await bench.durable('work'), { file, n: 7 });
  expect(arn).toMatch(/:function:Test-work:1\/durable-execution\/[\w-]+\/[\w-]+$/);
  expect(await bench.ended(arn)).toEqual({
    status: 'SUCCEEDED',
    result: { sum: 42, both: ['l', 'r'] },
    error: undefined,
  });
  expect(notes().toSorted()).toEqual(['list', ...Array.from({ length: 7 }, (_, index) => `part-${index}`)]);
});

test.concurrent('a step that fails is tried again, and then may fail the execution', async () => {
  const version = await bench.durable('flaky');
  const [lucky, hopeless] = [bench.notebook('lucky'), bench.notebook('hopeless')];
  const executions = [
    await bench.begin(version, { file: lucky.file, failures: 1 }),
    await bench.begin(version, { file: hopeless.file, failures: 99 }),
  ];
  expect(await Promise.all(executions.map((arn) => bench.ended(arn)))).toMatchObject([
    { status: 'SUCCEEDED', result: 'at last' },
    { status: 'FAILED', error: 'not yet' },
  ]);
  expect([lucky.notes().length, hopeless.notes().length]).toEqual([2, 3]);
});

test.concurrent('what failed for good is kept on the dead-letter queue with what it was begun with, if the role may send', async () => {
  const queue = await bench.create('AWS::SQS::Queue', {}, { logicalId: 'Failures' });
  const TargetArn = String(queue.attributes.Arn);
  const { file } = bench.notebook('buried');
  const [sends, mayNot] = [await roleThat('sends', TargetArn), DURABLE_ROLE];
  const event = { file, failures: 99 };
  for (const [Role, name] of [
    [mayNot, 'silent'],
    [sends, 'buried'],
  ] as const) {
    const version = await bench.durable('flaky', { Role, DeadLetterConfig: { TargetArn } }, name);
    expect((await bench.ended(await bench.begin(version, event))).status).toBe('FAILED');
  }
  const messages: string[] = [];
  await until(() => {
    messages.push(...bench.sqs.consumer.receive(TargetArn, { max: 10 }).map(({ body }) => body));
    return messages.length > 0;
  });
  expect(messages.map((body) => JSON.parse(body))).toEqual([event]);
  expect(bench.lines.filter((line) => line.includes('a dead letter was not kept'))).toHaveLength(1);
});

/** The role of a durable function that may also send to the queue. */
async function roleThat(name: string, queueArn: string): Promise<string> {
  const arn = DURABLE_ROLE.replace(/durable$/, name);
  const Statement = [{ Effect: 'Allow' as const, Action: 'sqs:SendMessage', Resource: queueArn }];
  bench.authority.roles.put({ ...bench.durableRole, arn, policies: { send: { Version: '2012-10-17', Statement } } });
  return arn;
}

const invoke = async (FunctionName: string, payload: unknown) =>
  bench.client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }));

test.concurrent('a caller may wait for the end', async () => {
  const version = await bench.durable('work', {}, 'waitedFor');
  const answer = await invoke(version, { file: bench.notebook('waited').file, n: 1 });
  expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '1' });
  expect(answer.FunctionError).toBeUndefined();
  expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toEqual({ sum: 0, both: ['l', 'r'] });
  expect(answer.DurableExecutionArn).toContain(`${version}/durable-execution/`);
});

test.concurrent('a step’s result is limited, and a caller that waits gets the error', async () => {
  const version = await bench.durable('largeStep');
  expect((await invoke(version, { bytes: 262_000 })).FunctionError).toBeUndefined();
  const failed = await invoke(version, { bytes: 263_000 });
  expect(failed.FunctionError).toBe('Unhandled');
  expect(JSON.parse(failed.Payload?.transformToString() ?? '')).toMatchObject({
    errorMessage: expect.stringContaining('STEP payload size must be less than or equal to 262144 bytes'),
  });
});

test.concurrent('an invocation that crashes is repeated, without the steps that it had done', async () => {
  const { file, notes } = bench.notebook('crash');
  const arn = await bench.begin(await bench.durable('crash'), { file });
  expect(await bench.ended(arn)).toMatchObject({ status: 'SUCCEEDED', result: 'survived' });
  expect(notes()).toEqual(['before', 'crash', 'crash']);
  expect(bench.lines.filter((line) => line.includes('Test-crash:1') && line.includes('again in 1 s'))).toHaveLength(1);
});

test.concurrent('a worker that is killed in a step costs that step alone', async () => {
  const { file, notes } = bench.notebook('killed');
  const arn = await bench.begin(await bench.durable('slowSteps'), { file, n: 6 });
  await until(() => notes().includes('begin-3'), 20_000);
  await bench.lambda.killWorker('Test-slowSteps');
  expect(await bench.ended(arn)).toMatchObject({ status: 'SUCCEEDED', result: 'all' });
  const begun = notes().filter((line) => line.startsWith('begin'));
  expect(begun.length).toBeGreaterThanOrEqual(6);
  expect(begun.length).toBeLessThanOrEqual(7);
});

test.concurrent('a replay gets more operations than one event carries', async () => {
  const arn = await bench.begin(await bench.durable('manySteps'), { n: 1300 });
  expect(await bench.ended(arn)).toMatchObject({ status: 'SUCCEEDED', result: (1299 * 1300) / 2 });
});

test.concurrent('a map whose result is too large to keep is replayed from its children', async () => {
  const arn = await bench.begin(await bench.durable('largeMap'), { n: 3, bytes: 200_000 });
  expect(await bench.ended(arn)).toMatchObject({ status: 'SUCCEEDED', result: 600_000 });
});

test.concurrent('middy runs its hooks at each replay', async () => {
  const arn = await bench.begin(await bench.durable('middied'), { n: 1 });
  expect(await bench.ended(arn)).toMatchObject({ status: 'SUCCEEDED', result: { one: 2, before: 2 } });
});

test.concurrent('without the managed policy an execution fails at its first checkpoint', async () => {
  const Role = 'arn:aws:iam::123456789012:role/function';
  const { file, notes } = bench.notebook('denied');
  const arn = await bench.begin(await bench.durable('work', { Role }, 'denied'), { file, n: 1 });
  expect(await bench.ended(arn)).toMatchObject({
    status: 'FAILED',
    error: expect.stringMatching(/not authorized to perform: lambda:CheckpointDurableExecution on resource: \S+:1\//),
  });
  expect(notes().length).toBeLessThanOrEqual(1);
});
