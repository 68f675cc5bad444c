/** A queue with its dead-letter queue, as a template has them, and a client on them. */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Resource } from '../../../infra/local/contract.ts';
import { openSqs } from '../../../infra/local/services/sqs/service.ts';
import { account, clientOptions, region, serve, testContext } from '../dynamodb/service-endpoint.ts';

export const arnOf = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;
export const ingestArn = arnOf('state-Ingest');
export const deadArn = arnOf('state-Dead');

export const resource = (logicalId: string, properties: object, type = 'AWS::SQS::Queue'): Resource => ({
  stack: 'state',
  logicalId,
  type,
  metadata: {},
  properties: { ...properties },
});

export const ingestProperties = {
  VisibilityTimeout: 30,
  MessageRetentionPeriod: 3600,
  SqsManagedSseEnabled: true,
  RedrivePolicy: { deadLetterTargetArn: deadArn, maxReceiveCount: 3 },
};

export async function startSqs(dir: string) {
  const context = testContext(dir);
  let endpoint = '';
  const sqs = openSqs(context, { endpoint: () => endpoint });
  const served = await serve(sqs.service);
  endpoint = served.endpoint;
  const [queues, policies] = sqs.providers;
  if (!queues || !policies) throw new Error('no providers');
  const dead = await queues.create(resource('Dead', {}));
  const ingest = await queues.create(resource('Ingest', ingestProperties));
  const client = new SQSClient(clientOptions(endpoint));
  const { seen, close } = served;
  return { ...sqs, context, queues, policies, client, seen, close, dead, ingest, endpoint };
}
