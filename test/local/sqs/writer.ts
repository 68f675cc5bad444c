/** A process that sends messages and deletes every other one until it is killed, and tells what was acknowledged. */

import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { startSqs } from './queues.ts';

const [dir] = process.argv.slice(2);
if (!dir) throw new Error('no folder given');
const { client, ingest, dead } = await startSqs(dir);
for (let i = 0; ; i += 1) {
  await client.send(new SendMessageCommand({ QueueUrl: ingest.ref, MessageBody: String(i) }));
  await client.send(new SendMessageCommand({ QueueUrl: dead.ref, MessageBody: 'passing' }));
  const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: dead.ref }));
  await client.send(new DeleteMessageCommand({ QueueUrl: dead.ref, ReceiptHandle: Messages?.[0]?.ReceiptHandle }));
  process.stdout.write(`${i}\n`);
}
