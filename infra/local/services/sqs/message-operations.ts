/** Operations on messages. A batch needs the permission of its single action, as on AWS. */
import { AwsError, type Principal } from '../../contract.ts';
import { md5, md5OfAttributes } from './md5.ts';
import { messageSize } from './messages.ts';
import * as parameters from './parameters.ts';
import { checkBatch, parse, runBatch, type Sent } from './parameters.ts';
import { type Plan, queuePlan, type Sqs } from './plan.ts';
import { withDefaults } from './queue-attributes.ts';
import { queueArn } from './queue-names.ts';
import { answered, receiveOrWait } from './receive.ts';
import type { Queue } from './store.ts';

const outgoing = (sent: Sent, principal: Principal) => ({
  body: sent.MessageBody,
  attributes: sent.MessageAttributes,
  delaySeconds: sent.DelaySeconds,
  sender: principal.kind === 'session' ? principal.arn : principal.service,
});

const send = (sqs: Sqs, queue: Queue, sent: Sent, principal: Principal) => ({
  MessageId: sqs.messages.send(queue, outgoing(sent, principal)),
  MD5OfMessageBody: md5(sent.MessageBody),
  MD5OfMessageAttributes: md5OfAttributes(sent.MessageAttributes),
});

function hide(sqs: Sqs, queue: string, receipt: string, seconds: number) {
  if (sqs.messages.hide(queue, receipt, seconds)) return {};
  throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.');
}

export const messageOperations = {
  SendMessage(sqs, input) {
    const sent = parse(parameters.sendMessage, input);
    return queuePlan(sqs, 'SendMessage', sent.QueueUrl, (queue, principal) => send(sqs, queue(), sent, principal));
  },
  SendMessageBatch(sqs, input) {
    const { QueueUrl, Entries } = parse(parameters.sendMessageBatch, input);
    return queuePlan(sqs, 'SendMessage', QueueUrl, (queue, principal) => {
      const sizes = Entries.map((entry) => messageSize(outgoing(entry, principal)));
      checkBatch(
        Entries,
        sizes.reduce((sum, size) => sum + size, 0),
      );
      return sqs.store.transaction(() => runBatch(Entries, (entry) => send(sqs, queue(), entry, principal)));
    });
  },
  ReceiveMessage(sqs, input) {
    const asked = parse(parameters.receiveMessage, input);
    return queuePlan(sqs, 'ReceiveMessage', asked.QueueUrl, async (queue) => {
      const received = await receiveOrWait(sqs, queue, {
        max: asked.MaxNumberOfMessages,
        seconds: asked.WaitTimeSeconds ?? Number(withDefaults(queue().attributes).ReceiveMessageWaitTimeSeconds),
        visibilitySeconds: asked.VisibilityTimeout,
      });
      const systemNames = [...asked.AttributeNames, ...asked.MessageSystemAttributeNames];
      const names = { systemNames, attributeNames: asked.MessageAttributeNames };
      const Messages = received.map((message) => answered(message, names, (name) => queueArn(sqs.place, name)));
      return Messages.length > 0 ? { Messages } : {};
    });
  },
  DeleteMessage(sqs, input) {
    const { QueueUrl, ReceiptHandle } = parse(parameters.deleteMessage, input);
    return queuePlan(sqs, 'DeleteMessage', QueueUrl, (queue) => {
      sqs.messages.remove(queue().name, ReceiptHandle);
      return {};
    });
  },
  DeleteMessageBatch(sqs, input) {
    const { QueueUrl, Entries } = parse(parameters.deleteMessageBatch, input);
    return queuePlan(sqs, 'DeleteMessage', QueueUrl, (queue) => {
      checkBatch(Entries, 0);
      const { name } = queue();
      return sqs.store.transaction(() =>
        runBatch(Entries, ({ ReceiptHandle }) => {
          sqs.messages.remove(name, ReceiptHandle);
          return {};
        }),
      );
    });
  },
  ChangeMessageVisibility(sqs, input) {
    const { QueueUrl, ReceiptHandle, VisibilityTimeout } = parse(parameters.changeVisibility, input);
    return queuePlan(sqs, 'ChangeMessageVisibility', QueueUrl, (queue) => {
      return hide(sqs, queue().name, ReceiptHandle, VisibilityTimeout);
    });
  },
  ChangeMessageVisibilityBatch(sqs, input) {
    const { QueueUrl, Entries } = parse(parameters.changeVisibilityBatch, input);
    return queuePlan(sqs, 'ChangeMessageVisibility', QueueUrl, (queue) => {
      checkBatch(Entries, 0);
      const { name } = queue();
      return runBatch(Entries, ({ ReceiptHandle, VisibilityTimeout }) =>
        hide(sqs, name, ReceiptHandle, VisibilityTimeout),
      );
    });
  },
} satisfies Record<string, Plan>;
