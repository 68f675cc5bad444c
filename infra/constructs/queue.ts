/** Queues of ours: encrypted, TLS only, patient; each with the dead-letter queue that takes what failed five times. */
import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** Six times the handlers' timeout, as AWS advises for an SQS source. */
const VISIBILITY = Duration.seconds(180);
const RETENTION = Duration.days(14);
const TRIES = 5;

const DEFAULTS = {
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  retentionPeriod: RETENTION,
  visibilityTimeout: VISIBILITY,
};

export function deadLetterQueue(scope: Construct, id: string): Queue {
  const queue = new Queue(scope, id, DEFAULTS);
  acknowledge(queue, { 'Serverless::Serverless-SQSRedrivePolicy': 'It is the dead-letter queue.' });
  return queue;
}

export const workQueue = (scope: Construct, id: string, deadLetters: Queue): Queue =>
  new Queue(scope, id, { ...DEFAULTS, deadLetterQueue: { queue: deadLetters, maxReceiveCount: TRIES } });
