/** Durable functions that note what they do, for tests of the engine. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { CheckpointDurableExecutionCommand, LambdaClient, type OperationUpdate } from '@aws-sdk/client-lambda';
import middy from '@middy/core';
import { executionModeDurableContext } from '@middy/core/executionModeDurableContext';

interface Noted {
  readonly file: string;
}
const note = ({ file }: Noted, line: string) => appendFileSync(file, `${line}\n`);
const soon = { retryStrategy: (_: unknown, attempt: number) => ({ shouldRetry: attempt < 3, delay: { seconds: 1 } }) };

/** A bit of everything. */
export const work = withDurableExecution(async (event: Noted & { n: number }, context: DurableContext) => {
  const list = await context.step('list', async () => {
    note(event, 'list');
    return Array.from({ length: event.n }, (_, index) => index);
  });
  await context.wait('pause', { seconds: 1 });
  const parts = await context.map(
    'parts',
    list,
    async (child, item) =>
      child.step(`part-${item}`, async () => {
        note(event, `part-${item}`);
        return item * 2;
      }),
    { maxConcurrency: 3 },
  );
  const both = await context.parallel('both', [
    async (child) => child.step('left', async () => 'l'),
    async (child) => child.step('right', async () => 'r'),
  ]);
  return { sum: parts.getResults().reduce((sum, part) => sum + part, 0), both: both.getResults() };
});

/** Steps that take a while, each noted at its beginning and end. */
export const slowSteps = withDurableExecution(async (event: Noted & { n: number }, context: DurableContext) => {
  for (let index = 0; index < event.n; index++) {
    await context.step(`step-${index}`, async () => {
      note(event, `begin-${index}`);
      await sleep(60);
      note(event, `end-${index}`);
    });
  }
  return 'all';
});

/** Fails as often as the event says; the file counts. */
export const flaky = withDurableExecution(async (event: Noted & { failures: number }, context: DurableContext) =>
  context.step(
    'flaky',
    async (step) => {
      note(event, 'attempt');
      const { readFileSync } = await import('node:fs');
      step.logger.info('trying');
      if (readFileSync(event.file, 'utf8').trim().split('\n').length <= event.failures) throw new RangeError('not yet');
      return 'at last';
    },
    soon,
  ),
);

export const waiting = withDurableExecution(async (event: Noted, context: DurableContext) => {
  note(event, 'invoked');
  await context.wait('long', { hours: 6 });
  return context.step('late', async () => new Date().toISOString());
});

export const callback = withDurableExecution(async (event: Noted, context: DurableContext) =>
  context.waitForCallback('approval', async (id) => note(event, id), {
    timeout: { minutes: 5 },
    retryStrategy: () => ({ shouldRetry: false }),
  }),
);

export const crash = withDurableExecution(async (event: Noted, context: DurableContext) => {
  await context.step('before', async () => note(event, 'before'));
  const { readFileSync } = await import('node:fs');
  const crashed = readFileSync(event.file, 'utf8').includes('crash');
  note(event, 'crash');
  if (!crashed) process.exit(1);
  return 'survived';
});

/** More operations than one event carries to a replay. */
export const manySteps = withDurableExecution(async (event: { n: number }, context: DurableContext) => {
  const results = await Promise.all(Array.from({ length: event.n }, (_, i) => context.step(`s${i}`, async () => i)));
  await context.wait('pause', { seconds: 1 });
  return results.reduce((sum, one) => sum + one, 0);
});

export const largeStep = withDurableExecution(async (event: { bytes: number }, context: DurableContext) =>
  context.step('large', async () => 'x'.repeat(event.bytes)).then((text) => text.length),
);

/** A map whose results together are too large to keep: it is replayed from its children. */
export const largeMap = withDurableExecution(async (event: { n: number; bytes: number }, context: DurableContext) => {
  const parts = await context.map('parts', Array.from({ length: event.n }), async (child, _, index) =>
    child.step(`p${index}`, async () => 'x'.repeat(event.bytes)),
  );
  await context.wait('pause', { seconds: 1 });
  return parts.getResults().join('').length;
});

let before = 0;
export const middied = middy<{ n: number }, unknown, Error, DurableContext>({
  executionMode: executionModeDurableContext,
})
  .use({
    before: () => {
      before += 1;
    },
  })
  .handler(async (event, context) => {
    const one = await context.step('one', async () => event.n + 1);
    await context.wait({ seconds: 1 });
    return { one, before };
  });

interface RawEvent {
  readonly DurableExecutionArn: string;
  readonly CheckpointToken: string;
  readonly InitialExecutionState: { readonly Operations: [{ readonly ExecutionDetails: { InputPayload: string } }] };
}
interface RawInput {
  readonly calls: readonly { readonly updates: OperationUpdate[]; readonly token?: string; readonly client?: string }[];
  readonly answer?: unknown;
}

/** Speaks to the engine without the SDK; answers what each of its calls came to. */
export const raw = async (event: RawEvent) => {
  const { calls, answer }: RawInput = JSON.parse(
    event.InitialExecutionState.Operations[0].ExecutionDetails.InputPayload,
  );
  const client = new LambdaClient({});
  let token = event.CheckpointToken;
  const results: unknown[] = [];
  for (const call of calls) {
    try {
      const response = await client.send(
        new CheckpointDurableExecutionCommand({
          DurableExecutionArn: event.DurableExecutionArn,
          CheckpointToken: call.token === 'first' ? event.CheckpointToken : (call.token ?? token),
          Updates: call.updates,
          ...(call.client ? { ClientToken: call.client } : {}),
        }),
      );
      token = response.CheckpointToken ?? token;
      results.push(response.NewExecutionState?.Operations?.map(({ Id, Status }) => `${Id} ${Status}`));
    } catch (error) {
      results.push(error instanceof Error ? `${error.name}: ${error.message}` : error);
    }
  }
  return answer === undefined ? { Status: 'SUCCEEDED', Result: JSON.stringify(results) } : answer;
};
