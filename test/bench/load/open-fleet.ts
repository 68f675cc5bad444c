/** Writes the rows that a fleet's messages need: its account with a key, its devices' certificates, one bucket that collects all. */
import { marshall } from '@aws-sdk/util-dynamodb';
import { bucketKey, bucketVersionKey } from '../../../shared/bucket/bucket-keys.ts';
import { buckets } from '../../../shared/bucket/bucket-store.ts';
import { addCertificate, writeDirectory } from '../../../shared/directory/directory.ts';
import { accountKey } from '../../../shared/directory/directory-keys.ts';
import type { IngestDeps } from '../../../shared/ingest/ingest-batch.ts';
import { createAccountKey } from '../../../shared/keyring/account-key.ts';
import { systemSessions } from '../../../shared/keyring/system-sessions.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import type { Fleet } from './fleet.ts';

/** What one transaction takes. */
const MOST_ITEMS = 100;

const put = (TableName: string, row: object) => ({ Put: { TableName, Item: marshall(row) } });

export async function openFleet(deps: IngestDeps, { account, product, bucket, stations }: Fleet): Promise<void> {
  const session = systemSessions(deps)(account);
  await createAccountKey(session);
  const rows = [
    put(deps.directory.table, { ...accountKey(account), status: 'active', createdAt: 0 }),
    ...stations.map(({ device, certificate }, i) =>
      addCertificate(deps.directory, certificate, {
        account,
        product,
        device,
        number: i + 1,
        credential: device.replace('dev', 'crd'),
      }),
    ),
  ];
  for (let i = 0; i < rows.length; i += MOST_ITEMS) await writeDirectory(deps.directory, rows.slice(i, i + MOST_ITEMS));

  const plain = { id: bucket, source: { product, stream: 'telemetry' } };
  const entity = buckets.make(bucketKey(account, bucket), 0, plain, { name: 'Everything' });
  const version = put(deps.tables.entities, { ...bucketVersionKey(account), n: 1 });
  await writeTogether(session, [await buckets.put(session, entity), version]);
}
