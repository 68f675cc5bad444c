/** Work that waits in a queue, with the dead letters of what failed. State: what waits must outlive the functions. */
import type { Duration } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadLetterQueue, workQueue } from './queue.ts';

export class WaitingWork extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  /** `timeout`: of the function that does it. Default: 30 seconds. */
  constructor(scope: Construct, id: string, { timeout }: { timeout?: Duration } = {}) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', timeout);
    this.queue = workQueue(this, 'Queue', this.deadLetters, timeout);
  }
}
