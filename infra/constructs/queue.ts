/** Queues of ours: encrypted, TLS only, patient; each with the dead-letter queue that takes what failed five times. */
import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** Of the handlers that most queues have. */
const TIMEOUT = Duration.seconds(30);
const RETENTION = Duration.days(14);
const TRIES = 5;

const DEFAULTS = {
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  retentionPeriod: RETENTION,
};

/** Six times the handler's timeout, as AWS advises for an SQS source. */
const visibility = (timeout: Duration) => Duration.seconds(6 * timeout.toSeconds());

/** `timeout`: of the function that takes from it. */
export function deadLetterQueue(scope: Construct, id: string, timeout = TIMEOUT): Queue {
  const queue = new Queue(scope, id, { ...DEFAULTS, visibilityTimeout: visibility(timeout) });
  acknowledge(queue, { 'Serverless::Serverless-SQSRedrivePolicy': 'It is the dead-letter queue.' });
  return queue;
}

/** `timeout`: of the function that takes from it. */
export const workQueue = (scope: Construct, id: string, deadLetters: Queue, timeout = TIMEOUT): Queue =>
  new Queue(scope, id, {
    ...DEFAULTS,
    visibilityTimeout: visibility(timeout),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: TRIES },
  });
