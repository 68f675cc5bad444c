/** Where replaced secrets of API clients wait for their end. State: what waits must outlive the functions. */
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadLetterQueue, workQueue } from './queue.ts';

export class SecretEndings extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    this.queue = workQueue(this, 'Queue', this.deadLetters);
  }
}
