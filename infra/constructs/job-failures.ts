/** Where the events of executions end that failed, were stopped or ran out of time. State: what waits must outlive the functions. */
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { deadLetterQueue } from './queue.ts';

export class JobFailures extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.queue = deadLetterQueue(this, 'Queue');
    acknowledge(this.queue, {
      'AwsSolutions::AwsSolutions-SQS3': 'It is the dead-letter queue of a function, which is in the service stack.',
    });
  }
}
