import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqs } from '../../../infra/local/services/sqs/service.ts';
import { account, temporaryFolder, testContext } from '../dynamodb/service-endpoint.ts';
import { deadArn, ingestArn, ingestProperties, resource, startSqs } from './queues.ts';

let folder: ReturnType<typeof temporaryFolder>;
let sqs: Awaited<ReturnType<typeof startSqs>> | undefined;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await sqs?.close();
  sqs = undefined;
  folder.remove();
});
const start = async () => {
  await sqs?.close();
  sqs = undefined;
  sqs = await startSqs(folder.dir);
  return sqs;
};

describe('an event source mapping', () => {
  test('receives more than a client may, deletes some and gives others back', async () => {
    const { consumer, sender, ingest } = await start();
    for (let i = 0; i < 25; i += 1) await sender.send(ingest.ref, `m${i}`);
    const received = consumer.receive(ingestArn, { max: 100 });
    expect(received).toHaveLength(25);
    expect(received[0]).toEqual({
      messageId: expect.any(String),
      receiptHandle: expect.any(String),
      body: 'm0',
      md5OfBody: createHash('md5').update('m0').digest('hex'),
      attributes: {
        SenderId: account,
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        ApproximateReceiveCount: '1',
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: {},
    });
    expect(consumer.receive(ingestArn, { max: 100 })).toEqual([]);
    const receipts = received.map(({ receiptHandle }) => receiptHandle);
    consumer.delete(ingestArn, receipts.slice(5));
    consumer.release(ingestArn, receipts);
    const again = consumer.receive(ingestArn, { max: 100, visibilitySeconds: 0 });
    expect(again.map(({ body }) => body)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(again[0]?.attributes.ApproximateReceiveCount).toBe('2');
    expect(consumer.visibilitySeconds(ingestArn)).toBe(30);
    expect(() => consumer.receive(`${ingestArn}x`, { max: 1 })).toThrow(/does not exist/);
  });

  test('is told of messages sent, given back, and visible again by the clock; not after it stopped', async () => {
    const { consumer, sender, ingest, context } = await start();
    let told = 0;
    const stop = consumer.onMessage(ingestArn, () => {
      told += 1;
    });
    const toldBy = async (act: () => unknown) => {
      told = 0;
      await act();
      for (let i = 0; i < 50 && told === 0; i += 1) await sleep(10);
      return told > 0;
    };
    expect(await toldBy(() => sender.send(ingest.ref, 'x'))).toBe(true);
    const [message] = consumer.receive(ingestArn, { max: 1 });
    expect(await toldBy(() => sleep(250))).toBe(false);
    expect(await toldBy(() => consumer.release(ingestArn, [message?.receiptHandle ?? '']))).toBe(true);
    consumer.receive(ingestArn, { max: 1 });
    expect(await toldBy(() => context.clock.advance(31))).toBe(true);
    stop();
    expect(await toldBy(() => sender.send(ingest.ref, 'y'))).toBe(false);
  });

  test('of a dead-letter queue is told of what is given up to it', async () => {
    const { consumer, sender, ingest } = await start();
    await sender.send(ingest.ref, 'poison');
    const dead: string[] = [];
    consumer.onMessage(deadArn, () => dead.push(...consumer.receive(deadArn, { max: 10 }).map(({ body }) => body)));
    for (let i = 0; i < 4; i += 1) consumer.receive(ingestArn, { max: 1, visibilitySeconds: 0 });
    for (let i = 0; i < 50 && dead.length === 0; i += 1) await sleep(10);
    expect(dead).toEqual(['poison']);
  });

  test('a queue that is not there takes nothing', async () => {
    const { sender } = await start();
    await expect(sender.send('http://localhost/queue', 'x')).rejects.toMatchObject({ code: 'QueueDoesNotExist' });
  });
});

describe('templates', () => {
  test('a queue has its ARN, name and URL, and keeps messages over a restart with new settings', async () => {
    const { ingest, endpoint, sender } = await start();
    const url = `${endpoint}/${account}/state-Ingest`;
    expect(ingest).toEqual({ ref: url, attributes: { Arn: ingestArn, QueueName: 'state-Ingest', QueueUrl: url } });
    await sender.send(url, 'kept');
    const { queues, consumer } = await start();
    await queues.create(resource('Ingest', { ...ingestProperties, VisibilityTimeout: '7' }));
    expect(consumer.visibilitySeconds(ingestArn)).toBe(7);
    expect(consumer.receive(ingestArn, { max: 10 }).map(({ body }) => body)).toEqual(['kept']);
  });

  test('a long name is cut, and stays its own', async () => {
    const { queues } = await start();
    const [a, b] = await Promise.all(
      ['A', 'B'].map((end) => queues.create(resource(`${'Long'.repeat(30)}${end}`, {}))),
    );
    expect(String(a?.attributes.QueueName)).toHaveLength(80);
    expect(a?.attributes.QueueName).not.toBe(b?.attributes.QueueName);
  });

  test.each([
    [
      'a dead-letter queue that is not there',
      { RedrivePolicy: { deadLetterTargetArn: `${deadArn}x`, maxReceiveCount: 1 } },
    ],
    ['a FIFO queue', { FifoQueue: true }],
    ['a timeout beyond the limit', { VisibilityTimeout: 43_201 }],
  ])('%s stops the boot', async (_, properties) => {
    const { queues } = await start();
    await expect(queues.create(resource('Bad', properties))).rejects.toThrow();
  });

  test('a queue policy is in force on its queues, until the template has none', async () => {
    const { policies, ingest, service } = await start();
    const PolicyDocument = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sqs:*', Resource: ingestArn }],
    };
    const policy = resource('Policy', { PolicyDocument, Queues: [ingest.ref] }, 'AWS::SQS::QueuePolicy');
    await policies.create(policy);
    expect(service.resourcePolicies?.(ingestArn)).toEqual([PolicyDocument]);
    expect(service.resourcePolicies?.(deadArn)).toEqual([]);
    const missing = resource('Policy', { PolicyDocument, Queues: [`${ingest.ref}x`] }, 'AWS::SQS::QueuePolicy');
    await expect(policies.create(missing)).rejects.toThrow(/no queue/);
    expect((await start()).service.resourcePolicies?.(ingestArn)).toEqual([]);
  });
});

describe('the folder', () => {
  test('survives kill -9: what was acknowledged is there, what was deleted is not', { timeout: 20_000 }, async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), folder.dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let acknowledged = -1;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line);
      if (acknowledged === 30) child.kill('SIGKILL');
    }
    expect((await exited)[1]).toBe('SIGKILL');
    expect(acknowledged).toBeGreaterThanOrEqual(30);
    const { consumer, context } = await start();
    const bodies = consumer.receive(ingestArn, { max: 10_000 }).map(({ body }) => Number(body));
    expect(bodies.slice(0, acknowledged + 1)).toEqual(Array.from({ length: acknowledged + 1 }, (_, i) => i));
    expect(bodies.length).toBeLessThanOrEqual(acknowledged + 2);
    context.clock.advance(31);
    expect(consumer.receive(deadArn, { max: 10 }).length).toBeLessThanOrEqual(1);
  });

  test('that can not be read is refused by name', async () => {
    await start();
    await sqs?.close();
    sqs = undefined;
    writeFileSync(join(folder.dir, 'sqs.db'), 'no database at all, but some text that is long enough');
    const open = () => openSqs(testContext(folder.dir), { endpoint: () => '' });
    expect(open).toThrow(folder.dir);
    expect(open).toThrow('--fresh');
  });
});
