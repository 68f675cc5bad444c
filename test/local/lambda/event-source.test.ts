import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SQSRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, createBench, until } from './support.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.close());

async function consume(handler: string, mapping: Record<string, unknown> = {}, queue: Record<string, unknown> = {}) {
  const dead = await bench.create('AWS::SQS::Queue', {}, { logicalId: 'Dead' });
  const made = await bench.create(
    'AWS::SQS::Queue',
    {
      VisibilityTimeout: 60,
      RedrivePolicy: { deadLetterTargetArn: dead.attributes.Arn, maxReceiveCount: 2 },
      ...queue,
    },
    { logicalId: 'Queue' },
  );
  const file = join(bench.folder, 'batches');
  const queueArn = String(made.attributes.Arn);
  const functionArn = await bench.deploy('batch', handler, { Environment: { Variables: { BATCHES: file } } });
  const properties = { FunctionName: functionArn, EventSourceArn: queueArn, ...mapping };
  await bench.create('AWS::Lambda::EventSourceMapping', properties, { logicalId: 'Mapping' });
  const hidden = () => bench.sqs.consumer.receive(queueArn, { max: 10 });
  return {
    queueArn,
    send: (body: string) => bench.sqs.sender.send(made.ref, body),
    /** Complete lines only: the worker may be writing the last one. */
    batches: (): SQSRecord[][] =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line))
        : [],
    /** `+` for each beginning and `-` for each end, in their order. */
    spans: () => readFileSync(`${file}.spans`, 'utf8'),
    /** What is left in the queue, once the visibility timeout has ended. */
    left() {
      bench.clock.offset += 61_000;
      return hidden().map(({ body }) => body);
    },
    dead: () => bench.sqs.consumer.receive(String(dead.attributes.Arn), { max: 10 }).map(({ body }) => body),
  };
}

const PARTIAL = { FunctionResponseTypes: ['ReportBatchItemFailures'] };
const bodies = (batches: readonly SQSRecord[][]) => batches.flat().map(({ body }) => body);

describe('a queue’s event source mapping', () => {
  test('hands messages over in AWS’s format and deletes them', async () => {
    const { queueArn, send, batches, left } = await consume('all');
    await send('early');
    expect(batches()).toEqual([]);
    bench.lambda.start();
    await until(() => batches().length === 1);
    expect(batches()[0]?.[0]).toEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: 'early',
      attributes: expect.objectContaining({ ApproximateReceiveCount: '1', SentTimestamp: expect.any(String) }),
      messageAttributes: {},
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion: 'eu-central-1',
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(left()).toEqual([]);
  });

  test('gathers a batch up to its size', async () => {
    const mapping = { BatchSize: 12, MaximumBatchingWindowInSeconds: 1, ScalingConfig: { MaximumConcurrency: 2 } };
    const { send, batches } = await consume('all', mapping);
    for (let n = 0; n < 24; n++) await send(String(n));
    bench.lambda.start();
    await until(() => bodies(batches()).length === 24);
    const sizes = batches().map((batch) => batch.length);
    expect(Math.max(...sizes)).toBeGreaterThan(10);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(12);
  });

  test('keeps a batch open for its window, for what comes later', async () => {
    const { send, batches } = await consume('all', { MaximumBatchingWindowInSeconds: 1, BatchSize: 100 });
    bench.lambda.start();
    const sent = Date.now();
    await send('first');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await send('second');
    await until(() => bodies(batches()).length === 2);
    expect(Date.now() - sent).toBeGreaterThan(950);
  });

  test('closes a batch at 6 MB and loses nothing of it', async () => {
    const { send, batches, left } = await consume('all', {
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    for (let n = 0; n < 20; n++) await send(`${n}-${'x'.repeat(900_000)}`);
    bench.lambda.start();
    await until(() => bodies(batches()).length === 20, 15_000);
    for (const batch of batches()) expect(JSON.stringify(batch).length).toBeLessThan(6_291_456);
    expect(Math.max(...batches().map((batch) => batch.length))).toBeGreaterThanOrEqual(5);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(left()).toEqual([]);
  });

  test('runs at most MaximumConcurrency batches at once', async () => {
    const { send, batches, spans } = await consume('slow', { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    for (let n = 0; n < 4; n++) await send(String(n));
    bench.lambda.start();
    await until(() => batches().length === 4);
    let running = 0;
    const atOnce = [...spans()].map((sign) => {
      running += sign === '+' ? 1 : -1;
      return running;
    });
    expect(Math.max(...atOnce)).toBe(2);
  });

  test('leaves everything after an error, until the message is dead', async () => {
    const { send, batches, dead } = await consume('failing');
    await send('a');
    bench.lambda.start();
    await until(() => batches().length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(batches().length).toBe(1);
    bench.clock.offset += 61_000;
    await until(() => batches().length === 2);
    expect(batches()[1]?.[0]?.attributes.ApproximateReceiveCount).toBe('2');
    await new Promise((resolve) => setTimeout(resolve, 100));
    bench.clock.offset += 61_000;
    expect(await until(() => dead()[0])).toBe('a');
    expect(batches().length).toBe(2);
  });

  test('a poison message comes back alone and dies; its companions are done once', async () => {
    const { send, batches, dead } = await consume('partial', { ...PARTIAL, MaximumBatchingWindowInSeconds: 1 });
    for (const body of ['good-1', 'poison', 'good-2']) await send(body);
    bench.lambda.start();
    await until(() => bodies(batches()).length === 3);
    await new Promise((resolve) => setTimeout(resolve, 200));
    bench.clock.offset += 61_000;
    await until(() => bodies(batches()).length === 4);
    expect(bodies(batches()).at(-1)).toBe('poison');
    await new Promise((resolve) => setTimeout(resolve, 200));
    bench.clock.offset += 61_000;
    expect(await until(() => dead()[0])).toBe('poison');
    expect(bodies(batches()).length).toBe(4);
  });

  test.for(['lying', 'malformed'])('an answer that is %s fails the whole batch', async (handler) => {
    const { send, batches, left } = await consume(handler, PARTIAL);
    await send('a');
    bench.lambda.start();
    await until(() => batches().length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await bench.lambda.close();
    expect(left()).toEqual(['a']);
  });

  test('an answer counts for nothing where the template doesn’t ask for it', async () => {
    const { send, batches, left } = await consume('partial');
    await send('poison');
    bench.lambda.start();
    await until(() => batches().length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await bench.lambda.close();
    expect(left()).toEqual([]);
  });
});

describe('a template is refused', () => {
  test('whose function may not read the queue', async () => {
    await bench.close();
    bench = await createBench({ queueActions: ['sqs:ReceiveMessage', 'sqs:GetQueueAttributes'] });
    await expect(consume('all')).rejects.toThrow(/may not poll .*sqs:DeleteMessage/);
  });

  test('whose messages come back while the function still runs', async () => {
    await expect(consume('all', {}, { VisibilityTimeout: 19 })).rejects.toThrow(
      'Queue visibility timeout: 19 seconds is less than Function timeout: 20 seconds',
    );
  });

  test('that asks for large batches without a window, or for another event source', async () => {
    await expect(consume('all', { BatchSize: 11 })).rejects.toThrow(/at least 1/);
    await expect(consume('all', { EventSourceArn: 'arn:aws:kinesis:x:1:stream/a' })).rejects.toThrow(/only queues/);
  });
});
