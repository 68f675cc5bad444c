/** A rule's way to a queue, with the rights of the rule's role and no others. */
import { isUtf8 } from 'node:buffer';
import type { Authority, QueueSender } from '../../../contract.ts';
import type { Arns } from '../arns.ts';
import type { RuleAction } from './engine.ts';

export interface SqsActionSettings {
  readonly queueUrl: string;
  readonly roleArn: string;
  readonly useBase64: boolean;
}

export function sqsAction(
  { queueUrl, roleArn, useBase64 }: SqsActionSettings,
  { rule, authority, queues, arns }: { rule: string; authority: Authority; queues: QueueSender; arns: Arns },
): RuleAction {
  const queue = new URL(queueUrl).pathname.split('/').at(-1) ?? '';
  const resource = arns.queue(queue);
  const session = rule.slice(0, 64);
  return {
    name: 'SqsAction',
    resource: queueUrl,
    run: async (output) => {
      authority.authorize(authority.assume(roleArn, 'iot.amazonaws.com', session), [
        { action: 'sqs:SendMessage', resource },
      ]);
      if (!useBase64 && !isMessageText(output)) throw new Error('InvalidMessageContents: not a text that SQS takes');
      await queues.send(queueUrl, output.toString(useBase64 ? 'base64' : 'utf8'));
    },
  };
}

/** SQS takes no empty message, nothing but UTF-8, and of the control characters only white space. */
function isMessageText(output: Buffer): boolean {
  const isText = (byte: number) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
  return output.length > 0 && isUtf8(output) && output.every(isText);
}
