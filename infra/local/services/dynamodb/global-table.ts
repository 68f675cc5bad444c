/** `AWS::DynamoDB::GlobalTable` with one replica, which is what the CDK's `TableV2` makes. */
import * as z from 'zod';
import type { Clock, Resource, ResourceProvider } from '../../contract.ts';
import type { Index, KeyElement, Table } from './dynalite.ts';
import type { Store } from './store.ts';
import { keepSettings, type TableSettings } from './table-settings.ts';
import { createTable, replaceIndexes } from './tables.ts';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const indexSchema = z.object({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.object({ ProjectionType: z.string().optional(), NonKeyAttributes: z.array(z.string()).optional() }),
});
const flag = z.union([z.boolean(), z.stringbool()]);

const propertiesSchema = z.object({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.array(indexSchema).optional(),
  LocalSecondaryIndexes: z.array(indexSchema).optional(),
  BillingMode: z.literal('PAY_PER_REQUEST', { error: 'the laptop plays on-demand tables only' }),
  SSESpecification: z.object({ SSEEnabled: flag, SSEType: z.string().default('KMS') }).optional(),
  TimeToLiveSpecification: z.object({ Enabled: flag, AttributeName: z.string().optional() }).optional(),
  Replicas: z.tuple(
    [
      z.object({
        Region: z.string(),
        DeletionProtectionEnabled: flag.default(false),
        PointInTimeRecoverySpecification: z
          .object({
            PointInTimeRecoveryEnabled: flag.default(false),
            RecoveryPeriodInDays: z.coerce.number().optional(),
          })
          .optional(),
        SSESpecification: z.object({ KMSMasterKeyId: z.string() }).optional(),
      }),
    ],
    { error: 'the laptop plays one region: a table has exactly one replica' },
  ),
});
type Properties = z.infer<typeof propertiesSchema>;

const noThrottling = 'The laptop never throttles.';

export function globalTableProvider(store: Store, clock: Clock): ResourceProvider {
  return {
    type: 'AWS::DynamoDB::GlobalTable',
    honoured: {
      KeySchema: 'The key; changing it stops the boot.',
      AttributeDefinitions: 'Types of key attributes.',
      'GlobalSecondaryIndexes.IndexName': 'Indexes are written with their item; a changed list is filled anew at boot.',
      'GlobalSecondaryIndexes.KeySchema': 'As the name.',
      'GlobalSecondaryIndexes.Projection': 'As the name.',
      LocalSecondaryIndexes: 'Made with the table; changing them stops the boot.',
      BillingMode: 'PAY_PER_REQUEST only.',
      TimeToLiveSpecification: 'Expired items are removed from a minute after their time, by the host’s clock.',
      SSESpecification: 'Kept and described; the folder itself is not encrypted.',
      'Replicas.Region': 'Exactly one replica.',
      'Replicas.DeletionProtectionEnabled': 'DeleteTable is refused.',
      'Replicas.PointInTimeRecoverySpecification':
        'Kept and described; there is nothing to recover from on the laptop.',
      'Replicas.SSESpecification': 'Kept and described.',
    },
    ignored: {
      WriteOnDemandThroughputSettings: noThrottling,
      WarmThroughput: noThrottling,
      'GlobalSecondaryIndexes.WriteOnDemandThroughputSettings': noThrottling,
      'GlobalSecondaryIndexes.WarmThroughput': noThrottling,
      'Replicas.ReadOnDemandThroughputSettings': noThrottling,
      'Replicas.GlobalSecondaryIndexes': 'Repeats the names of the table’s indexes, with throughput and insights.',
      'Replicas.TableClass': 'A price.',
      'Replicas.ContributorInsightsSpecification': 'Measures traffic; the laptop has no CloudWatch.',
      'Replicas.Tags': 'Labels for bills and searches.',
    },
    async create(resource) {
      const properties = parseProperties(resource);
      const name = `${resource.stack}-${resource.logicalId}`;
      const table = await bringTable(store, clock, name, properties);
      await keepSettings(store, name, settingsFor(properties));
      return { ref: name, attributes: { Arn: table.TableArn, TableId: table.TableId } };
    },
  };
}

function parseProperties({ logicalId, properties }: Resource): Properties {
  const { data, error } = propertiesSchema.safeParse(properties);
  if (!data)
    throw new Error(`${logicalId}: ${error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`);
  return data;
}

async function bringTable(store: Store, clock: Clock, name: string, properties: Properties): Promise<Table> {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, LocalSecondaryIndexes } = properties;
  const wanted = { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, LocalSecondaryIndexes };
  const existing = await store.table(name);
  if (!existing) return createTable(store, clock, { ...wanted, TableName: name, BillingMode: 'PAY_PER_REQUEST' });
  const [has, wants] = [existing, { ...existing, ...wanted }].map(fixedPart);
  if (has !== wants) {
    throw new Error(
      `table ${name} exists with the key ${has}, the template wants ${wants}: AWS would replace the table and its data; ` +
        'keep the key, or start with --fresh',
    );
  }
  const same = indexList(existing) === indexList({ ...existing, GlobalSecondaryIndexes });
  return same ? existing : replaceIndexes(store, name, { ...existing, AttributeDefinitions, GlobalSecondaryIndexes });
}

const describeKey = (table: Table, schema: readonly KeyElement[]) =>
  schema
    .map(({ AttributeName: name }) => {
      const type = table.AttributeDefinitions.find((definition) => definition.AttributeName === name)?.AttributeType;
      return `${name} ${type}`;
    })
    .join(', ');

const describeIndex = (table: Table, { IndexName, KeySchema, Projection }: Index) =>
  `${IndexName} (${describeKey(table, KeySchema)}; ${Projection.ProjectionType ?? 'ALL'} ${(Projection.NonKeyAttributes ?? []).join()})`;

/** What AWS can't change in a table. */
const fixedPart = (table: Table) =>
  [
    describeKey(table, table.KeySchema),
    ...(table.LocalSecondaryIndexes ?? []).map((index) => describeIndex(table, index)),
  ].join(' + ');

const indexList = (table: Table) =>
  (table.GlobalSecondaryIndexes ?? [])
    .map((index) => describeIndex(table, index))
    .sort()
    .join();

function settingsFor({
  TimeToLiveSpecification: ttl,
  SSESpecification: sse,
  Replicas: [replica],
}: Properties): TableSettings {
  const recovery = replica.PointInTimeRecoverySpecification;
  return {
    timeToLive: ttl?.Enabled ? ttl.AttributeName : undefined,
    deletionProtection: replica.DeletionProtectionEnabled,
    pointInTimeRecovery: recovery && {
      enabled: recovery.PointInTimeRecoveryEnabled,
      days: recovery.RecoveryPeriodInDays ?? 35,
    },
    encryption: sse?.SSEEnabled ? { type: sse.SSEType, keyArn: replica.SSESpecification?.KMSMasterKeyId } : undefined,
  };
}
