import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { account, caller, temporaryFolder } from '../dynamodb/service-endpoint.ts';
import { deadArn, ingestArn, startSqs } from './queues.ts';

let folder: ReturnType<typeof temporaryFolder>;
let sqs: Awaited<ReturnType<typeof startSqs>>;
let QueueUrl: string;
let deadUrl: string;
beforeEach(async () => {
  folder = temporaryFolder();
  sqs = await startSqs(folder.dir);
  QueueUrl = sqs.ingest.ref;
  deadUrl = sqs.dead.ref;
});
afterEach(async () => {
  await sqs.close();
  folder.remove();
});

const send = (MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> =>
  (await sqs.client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const bodies = async (more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await receive(more)).map(({ Body }) => Body).sort();
const refused = (sent: Promise<unknown>, name: string) => expect(sent).rejects.toMatchObject({ name });

describe('messages', () => {
  test('arrive with attributes and checksums that the SDK accepts', async () => {
    const MessageAttributes = {
      kind: { DataType: 'String.custom', StringValue: 'grün' },
      n: { DataType: 'Number', StringValue: '1' },
      bytes: { DataType: 'Binary', BinaryValue: Uint8Array.from([0, 255, 1]) },
    };
    const { MessageId } = await send('héllo 🌍', { MessageAttributes });
    const [message] = await receive({ MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] });
    expect(message).toMatchObject({ MessageId, Body: 'héllo 🌍', MessageAttributes });
    expect(message?.Attributes).toMatchObject({
      SenderId: 'arn' in caller && caller.arn,
      ApproximateReceiveCount: '1',
    });
    const sent = Number(message?.Attributes?.SentTimestamp);
    expect(Math.abs(sent - Date.now())).toBeLessThan(5000);
    sqs.context.clock.advance(31);
    const [again] = await receive({
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      MessageAttributeNames: ['by.*', 'n'],
    });
    expect(again?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    expect(Object.keys(again?.MessageAttributes ?? {}).sort()).toEqual(['bytes', 'n']);
  });

  test('are hidden after a receive until the timeout, and gone after a delete', async () => {
    await send('a');
    const [first] = await receive();
    expect(await bodies()).toEqual([]);
    sqs.context.clock.advance(31);
    const [second] = await receive({ VisibilityTimeout: 300 });
    expect(second?.MessageId).toBe(first?.MessageId);
    // The older receipt is void by now: AWS takes the request and keeps the message.
    await sqs.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    sqs.context.clock.advance(31);
    expect(await bodies()).toEqual([]);
    sqs.context.clock.advance(300);
    const [third] = await receive();
    await sqs.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: third?.ReceiptHandle }));
    sqs.context.clock.advance(31);
    expect(await bodies()).toEqual([]);
  });

  test('are given back, or held longer, by a change of visibility', async () => {
    await send('a');
    const change = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
      sqs.client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    const [first] = await receive();
    await change(first?.ReceiptHandle, 0);
    const [second] = await receive();
    expect(second?.Body).toBe('a');
    await change(second?.ReceiptHandle, 100);
    sqs.context.clock.advance(90);
    expect(await bodies()).toEqual([]);
    sqs.context.clock.advance(11);
    await refused(change(second?.ReceiptHandle, 5), 'MessageNotInflight');
    expect(await bodies()).toEqual(['a']);
    await refused(change('nonsense', 5), 'ReceiptHandleIsInvalid');
  });

  test('can be delayed, and are forgotten after the retention period', async () => {
    await send('late', { DelaySeconds: 60 });
    expect(await bodies()).toEqual([]);
    sqs.context.clock.advance(61);
    expect(await bodies()).toEqual(['late']);
    sqs.context.clock.advance(3600);
    expect(await bodies()).toEqual([]);
    expect(await bodies({ QueueUrl: deadUrl })).toEqual([]);
  });

  test('end a waiting receive at once, by a send or by a timeout that ends', async () => {
    const began = performance.now();
    const waiting = bodies({ WaitTimeSeconds: 5 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send('now');
    expect(await waiting).toEqual(['now']);
    const again = bodies({ WaitTimeSeconds: 5 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    sqs.context.clock.advance(31);
    expect(await again).toEqual(['now']);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(await bodies({ WaitTimeSeconds: 1 })).toEqual([]);
  });

  test('go to the dead-letter queue after too many receives, and back on request as new ones', async () => {
    const { MessageId } = await send('poison');
    for (let i = 0; i < 3; i += 1) {
      expect(await bodies()).toEqual(['poison']);
      sqs.context.clock.advance(31);
    }
    expect(await bodies({ QueueUrl: deadUrl })).toEqual([]);
    expect(await bodies()).toEqual([]);
    const [dead] = await receive({ QueueUrl: deadUrl, VisibilityTimeout: 0, MessageSystemAttributeNames: ['All'] });
    expect(dead).toMatchObject({ MessageId, Attributes: { DeadLetterQueueSourceArn: ingestArn } });

    const { queueUrls } = await sqs.client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: deadUrl }));
    expect(queueUrls).toEqual([QueueUrl]);
    await sqs.client.send(new SendMessageCommand({ QueueUrl: deadUrl, MessageBody: 'sent here' }));
    const { TaskHandle } = await sqs.client.send(new StartMessageMoveTaskCommand({ SourceArn: deadArn }));
    expect(TaskHandle).toBeDefined();
    const [back] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(back).toMatchObject({ Body: 'poison', Attributes: { ApproximateReceiveCount: '1' } });
    expect(back?.MessageId).not.toBe(MessageId);
    const tasks = await sqs.client.send(new ListMessageMoveTasksCommand({ SourceArn: deadArn }));
    expect(tasks.Results).toMatchObject([
      {
        Status: 'FAILED',
        FailureReason: 'CouldNotDetermineMessageSource',
        ApproximateNumberOfMessagesMoved: 1,
        ApproximateNumberOfMessagesToMove: 2,
      },
    ]);
    expect(await bodies({ QueueUrl: deadUrl })).toEqual(['sent here']);
    const wrong = new StartMessageMoveTaskCommand({ SourceArn: ingestArn });
    await refused(sqs.client.send(wrong), 'InvalidParameterValue');
  });

  test('are refused when too large, empty, unprintable or badly attributed', async () => {
    await send('x'.repeat(1_048_576));
    await refused(send('x'.repeat(1_048_577)), 'InvalidParameterValue');
    const a = { DataType: 'String', StringValue: 'v' };
    await refused(send('x'.repeat(1_048_570), { MessageAttributes: { a } }), 'InvalidParameterValue');
    await refused(send(''), 'MissingParameter');
    await refused(send('\u0000'), 'InvalidMessageContents');
    await refused(
      send('x', { MessageAttributes: { a: { DataType: 'Date', StringValue: 'v' } } }),
      'InvalidParameterValue',
    );
    await refused(send('x', { QueueUrl: QueueUrl.replace('Ingest', 'Nothing') }), 'QueueDoesNotExist');
    await refused(send('x', { QueueUrl: QueueUrl.replace(account, '111111111111') }), 'QueueDoesNotExist');
  });
});

describe('batches', () => {
  const batch = (Entries: { Id: string; MessageBody: string }[]) =>
    sqs.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  const entries = (count: number, body = 'b') =>
    Array.from({ length: count }, (_, i) => ({ Id: `i${i}`, MessageBody: body }));

  test('succeed and fail entry by entry', async () => {
    const sent = await batch([...entries(2), { Id: 'bad', MessageBody: '\u0001' }]);
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['i0', 'i1']);
    expect(sent.Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidMessageContents', SenderFault: true }]);
    const handles = (await receive()).map(({ ReceiptHandle }) => ReceiptHandle);
    expect(handles).toHaveLength(2);
    const Entries = [...handles, 'nonsense'].map((ReceiptHandle, i) => ({ Id: `d${i}`, ReceiptHandle }));
    const hidden = await sqs.client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: Entries.map((entry) => ({ ...entry, VisibilityTimeout: 5 })),
      }),
    );
    expect([hidden.Successful?.length, hidden.Failed?.[0]?.Code]).toEqual([2, 'ReceiptHandleIsInvalid']);
    const deleted = await sqs.client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect([deleted.Successful?.length, deleted.Failed?.length]).toEqual([2, 1]);
    sqs.context.clock.advance(60);
    expect(await bodies()).toEqual([]);
  });

  test('are refused as a whole beyond their limits', async () => {
    await refused(batch([]), 'EmptyBatchRequest');
    await refused(batch(entries(11)), 'TooManyEntriesInBatchRequest');
    await refused(batch([...entries(1), ...entries(1)]), 'BatchEntryIdsNotDistinct');
    await refused(batch([{ Id: 'no spaces', MessageBody: 'b' }]), 'InvalidBatchEntryId');
    await refused(batch(entries(10, 'x'.repeat(110_000))), 'BatchRequestTooLong');
    expect(await bodies()).toEqual([]);
    expect((await batch(entries(10, 'x'.repeat(104_857)))).Successful).toHaveLength(10);
  });
});

describe('queues', () => {
  test('report settings and counts, and take new ones', async () => {
    await Promise.all([send('a'), send('b'), send('c', { DelaySeconds: 9 })]);
    await receive({ MaxNumberOfMessages: 1 });
    const { Attributes } = await sqs.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({
      QueueArn: ingestArn,
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '30',
      MessageRetentionPeriod: '3600',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: 3 }),
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
    });
    const set = (Attributes: Record<string, string>) =>
      sqs.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    await set({ VisibilityTimeout: '5' });
    await refused(set({ VisibilityTimeout: '43201' }), 'InvalidAttributeValue');
    await refused(set({ Colour: 'red' }), 'InvalidAttributeName');
    const changed = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] });
    expect((await sqs.client.send(changed)).Attributes).toEqual({ VisibilityTimeout: '5' });
    await sqs.client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await bodies()).toEqual([]);
  });

  test('are found by name, at a local URL', async () => {
    const found = await sqs.client.send(new GetQueueUrlCommand({ QueueName: 'state-Ingest' }));
    expect(found.QueueUrl).toBe(`${sqs.endpoint}/${account}/state-Ingest`);
    await refused(sqs.client.send(new GetQueueUrlCommand({ QueueName: 'nothing' })), 'QueueDoesNotExist');
    const listed = await sqs.client.send(new ListQueuesCommand({ QueueNamePrefix: 'state-D' }));
    expect(listed.QueueUrls).toEqual([deadUrl]);
  });
});

describe('permissions asked for', () => {
  const demandsOf = async (name: string, input: object) =>
    (
      await sqs.service.operation({
        method: 'POST',
        url: new URL('http://localhost/'),
        headers: { 'x-amz-target': `AmazonSQS.${name}` },
        body: Buffer.from(JSON.stringify(input)),
      })
    ).demands.map(({ action, resource }) => `${action} ${resource}`);

  test.each<[string, string, object]>([
    ['SendMessage', 'SendMessage', { MessageBody: 'x' }],
    ['SendMessageBatch', 'SendMessage', { Entries: [] }],
    ['ReceiveMessage', 'ReceiveMessage', {}],
    ['DeleteMessage', 'DeleteMessage', { ReceiptHandle: 'x' }],
    ['DeleteMessageBatch', 'DeleteMessage', { Entries: [] }],
    ['ChangeMessageVisibility', 'ChangeMessageVisibility', { ReceiptHandle: 'x', VisibilityTimeout: 0 }],
    ['ChangeMessageVisibilityBatch', 'ChangeMessageVisibility', { Entries: [] }],
    ['PurgeQueue', 'PurgeQueue', {}],
    ['GetQueueAttributes', 'GetQueueAttributes', {}],
  ])('%s: sqs:%s on the queue, whichever URL names it', async (name, action, input) => {
    const expected = [`sqs:${action} ${ingestArn}`];
    expect(await demandsOf(name, { QueueUrl, ...input })).toEqual(expected);
    const awsUrl = `https://sqs.eu-central-1.amazonaws.com/${account}/state-Ingest`;
    expect(await demandsOf(name, { QueueUrl: awsUrl, ...input })).toEqual(expected);
  });

  test('a move reads from one queue and sends to the other', async () => {
    const demands = await demandsOf('StartMessageMoveTask', { SourceArn: deadArn, DestinationArn: ingestArn });
    expect(demands).toEqual([
      ...['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map(
        (action) => `sqs:${action} ${deadArn}`,
      ),
      `sqs:SendMessage ${ingestArn}`,
    ]);
  });

  test('what is not served is refused', async () => {
    await expect(demandsOf('CreateQueue', { QueueName: 'x' })).rejects.toMatchObject({
      code: 'UnknownOperationException',
    });
    await expect(demandsOf('toString', {})).rejects.toMatchObject({ code: 'UnknownOperationException' });
    await expect(demandsOf('SendMessage', { QueueUrl })).rejects.toMatchObject({ code: 'MissingParameter' });
  });
});
