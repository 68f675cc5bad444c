/** A table of the template, as the tests use it, and a client on it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Resource } from '../../../infra/local/contract.ts';
import { openDynamoDb } from '../../../infra/local/services/dynamodb/service.ts';
import { clientOptions, serve, testContext } from './service-endpoint.ts';

export const TableName = 'state-Data';

export const tableResource = (changes: Record<string, unknown> = {}): Resource => ({
  stack: 'state',
  logicalId: 'Data',
  type: 'AWS::DynamoDB::GlobalTable',
  metadata: {},
  properties: {
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
      { AttributeName: 'owner', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byOwner',
        KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    TimeToLiveSpecification: { Enabled: true, AttributeName: 'expiresAt' },
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    Replicas: [
      {
        Region: 'eu-central-1',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 },
      },
    ],
    ...changes,
  },
});

export async function startDynamoDb(dir: string, resource = tableResource()) {
  const context = testContext(dir);
  const dynamoDb = await openDynamoDb(context);
  const [provider] = dynamoDb.providers;
  if (!provider) throw new Error('no provider');
  const provisioned = await provider.create(resource).catch(async (error: unknown) => {
    await dynamoDb.service.close();
    throw error;
  });
  const { endpoint, seen, close } = await serve(dynamoDb.service);
  const client = new DynamoDBClient(clientOptions(endpoint));
  return { ...dynamoDb, context, provider, provisioned, client, seen, close };
}

export const key = (pk: string, sk = '1') => ({ pk: { S: pk }, sk: { S: sk } });
