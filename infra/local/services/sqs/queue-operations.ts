/** Operations on queues as a whole. Queues come from the template: there is no CreateQueue and no DeleteQueue. */
import { describedQueue } from './described-queue.ts';
import { listMoves, startMove } from './move-task.ts';
import * as parameters from './parameters.ts';
import { parse } from './parameters.ts';
import { type Plan, queuePlan } from './plan.ts';
import { changed, redrivePolicyOf } from './queue-attributes.ts';
import { queueArn, queueUrl } from './queue-names.ts';

export const queueOperations = {
  PurgeQueue(sqs, input) {
    const { QueueUrl } = parse(parameters.onQueue, input);
    return queuePlan(sqs, 'PurgeQueue', QueueUrl, (queue) => {
      sqs.store.run('DELETE FROM messages WHERE queue = ?', queue().name);
      return {};
    });
  },
  GetQueueUrl(sqs, input) {
    const { QueueName, QueueOwnerAWSAccountId = sqs.place.account } = parse(parameters.getQueueUrl, input);
    const url = queueUrl({ ...sqs.place, account: QueueOwnerAWSAccountId }, sqs.endpoint(), QueueName);
    return queuePlan(sqs, 'GetQueueUrl', url, () => ({ QueueUrl: url }));
  },
  ListQueues(sqs, input) {
    const { QueueNamePrefix } = parse(parameters.listQueues, input);
    const names = () => sqs.store.queues().map(({ name }) => name);
    return {
      demands: [{ action: 'sqs:ListQueues', resource: '*' }],
      run: () => ({
        QueueUrls: names()
          .filter((name) => name.startsWith(QueueNamePrefix))
          .map((name) => queueUrl(sqs.place, sqs.endpoint(), name)),
      }),
    };
  },
  GetQueueAttributes(sqs, input) {
    const { QueueUrl, AttributeNames } = parse(parameters.getQueueAttributes, input);
    return queuePlan(sqs, 'GetQueueAttributes', QueueUrl, (queue) => ({
      Attributes: describedQueue(sqs.store, sqs.place, sqs.clock, queue(), AttributeNames),
    }));
  },
  SetQueueAttributes(sqs, input) {
    const { QueueUrl, Attributes } = parse(parameters.setQueueAttributes, input);
    return queuePlan(sqs, 'SetQueueAttributes', QueueUrl, (queue) => {
      const { name, attributes } = queue();
      sqs.store.keepQueue(name, changed(attributes, Attributes), sqs.clock.now());
      return {};
    });
  },
  ListDeadLetterSourceQueues(sqs, input) {
    const { QueueUrl } = parse(parameters.onQueue, input);
    return queuePlan(sqs, 'ListDeadLetterSourceQueues', QueueUrl, (queue) => {
      const arn = queueArn(sqs.place, queue().name);
      const sources = sqs.store.queues().filter((q) => redrivePolicyOf(q.attributes)?.deadLetterTargetArn === arn);
      return { queueUrls: sources.map(({ name }) => queueUrl(sqs.place, sqs.endpoint(), name)) };
    });
  },
  StartMessageMoveTask(sqs, input) {
    const { SourceArn, DestinationArn } = parse(parameters.startMove, input);
    const source = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
    const demands = source.map((action) => ({ action: `sqs:${action}`, resource: SourceArn }));
    if (DestinationArn) demands.push({ action: 'sqs:SendMessage', resource: DestinationArn });
    return { demands, run: () => ({ TaskHandle: startMove(sqs.store, sqs, SourceArn, DestinationArn) }) };
  },
  ListMessageMoveTasks(sqs, input) {
    const { SourceArn, MaxResults } = parse(parameters.listMoves, input);
    return {
      demands: [{ action: 'sqs:ListMessageMoveTasks', resource: SourceArn }],
      run: () => ({ Results: listMoves(sqs.store, sqs.place, SourceArn, MaxResults) }),
    };
  },
} satisfies Record<string, Plan>;
