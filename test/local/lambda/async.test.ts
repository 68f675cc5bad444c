import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, createBench, until } from './support.ts';

let bench: Bench;
let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lambda-async-'));
  bench = await createBench({ dir });
});
afterEach(async () => {
  await bench.close();
  rmSync(dir, { recursive: true, force: true });
});

async function send(failures: number) {
  const file = join(dir, 'attempts');
  const name = (await bench.deploy('plain', 'stubborn')).split(':').at(-1);
  const Payload = JSON.stringify({ failures, file });
  const sent = await bench.client().send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload }));
  return {
    sent,
    attempts: () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []),
  };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 150));
const advance = (seconds: number) => {
  bench.clock.offset += seconds * 1000;
  bench.lambda.clockMoved();
};

test('an asynchronous event is taken at once and tried three times, a minute and two minutes apart', async () => {
  bench.lambda.start();
  const { sent, attempts } = await send(99);
  expect(sent).toMatchObject({ StatusCode: 202 });
  expect(sent.FunctionError).toBeUndefined();
  await until(() => attempts().length === 1);
  await settle();
  advance(59);
  await settle();
  expect(attempts().length).toBe(1);
  advance(2);
  await until(() => attempts().length === 2);
  await settle();
  advance(100);
  await settle();
  expect(attempts().length).toBe(2);
  advance(30);
  await until(() => attempts().length === 3);
  await settle();
  advance(10_000);
  await settle();
  expect(attempts()).toEqual([sent.$metadata.requestId, sent.$metadata.requestId, sent.$metadata.requestId]);
  expect(bench.lines.at(-1)).toMatch(/given up after 3 attempts/);
});

test('it ends with the first success', async () => {
  bench.lambda.start();
  const { attempts } = await send(1);
  await until(() => attempts().length === 1);
  await settle();
  advance(61);
  await until(() => attempts().length === 2);
  await settle();
  advance(10_000);
  await settle();
  expect(attempts().length).toBe(2);
});

test('the template may ask for fewer attempts', async () => {
  const arn = await bench.deploy('plain', 'stubborn');
  const settings = { FunctionName: arn, Qualifier: '$LATEST', MaximumRetryAttempts: 0 };
  await bench.create('AWS::Lambda::EventInvokeConfig', settings);
  bench.lambda.start();
  const { attempts } = await send(99);
  await until(() => attempts().length === 1);
  await settle();
  advance(10_000);
  await settle();
  expect(attempts().length).toBe(1);
});

test('what was taken survives the host, and waits until everything is there again', async () => {
  const { attempts } = await send(0);
  await bench.close();
  bench = await createBench({ dir });
  await bench.deploy('plain', 'stubborn');
  await settle();
  expect(attempts()).toEqual([]);
  bench.lambda.start();
  await until(() => attempts().length === 1);
});

test('an event in flight when the host ends runs again', async () => {
  const name = await bench.deploy('plain', 'slow', { Timeout: 60 });
  bench.lambda.start();
  await bench.client().send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload: '{}' }));
  await settle();
  await bench.close();
  bench = await createBench({ dir });
  await bench.deploy('plain', 'slow', { Timeout: 1 });
  bench.lambda.start();
  await until(() => bench.lines.some((line) => line.includes('Sandbox.Timedout')));
});
