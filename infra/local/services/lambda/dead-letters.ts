/** The queue of what failed for good: events of asynchronous invocations, and what failed durable executions were begun with. */
import type { Authority, QueueSender } from '../../contract.ts';
import type { FunctionDefinition } from './functions/function-definition.ts';

interface DeadLetterParts {
  readonly authority: Authority;
  readonly queues: QueueSender;
  readonly log: (message: string) => void;
}

/** Puts the event on the function's queue, if it has one and its role may send. As on AWS, nobody hears of it if that fails, but for the log. */
export async function bury(parts: DeadLetterParts, definition: FunctionDefinition, event: string): Promise<void> {
  const { deadLetterArn, roleArn, arn } = definition;
  if (!deadLetterArn) return;
  try {
    const role = parts.authority.assume(roleArn, 'lambda.amazonaws.com', 'dead-letter');
    parts.authority.authorize(role, [{ action: 'sqs:SendMessage', resource: deadLetterArn }]);
    const [account, name] = deadLetterArn.split(':').slice(-2);
    await parts.queues.send(`/${account}/${name}`, event);
  } catch (error) {
    parts.log(`${arn}: a dead letter was not kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}
