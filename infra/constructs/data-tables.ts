/**
 * The tables. Every partition key of a table of accounts starts `A#{account}#`, so that one IAM condition can hold a session to
 * its account; the directory has ids alone. On demand, point-in-time recovery of 7 days, encrypted, protected.
 *
 * The keyring has no point-in-time recovery and no stream: a destroyed key must stay destroyed.
 */
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { stateLifetime } from './lifetime.ts';

const RECOVERY_DAYS = 7;

export class DataTables extends Construct {
  /** Accounts, members, products, devices, buckets, properties, rejected messages, idempotency keys. */
  readonly entities: TableV2;
  /** Blocks of readings. */
  readonly readings: TableV2;
  /** Wrapped keys. */
  readonly keyring: TableV2;
  /** Audit events; an account's session may add and read, neither update nor delete. */
  readonly audit: TableV2;
  /** Lookups by Cognito subject, client id, certificate, device, connector; ids alone. */
  readonly directory: TableV2;
  /** What is due when; ids alone. */
  readonly work: TableV2;

  constructor(scope: Construct, id: string, { settings }: { settings: Settings }) {
    super(scope, id);
    const table = (name: string, options: { expires?: boolean; recovery?: boolean } = {}) =>
      new TableV2(this, name, {
        partitionKey: { name: 'pk', type: AttributeType.STRING },
        sortKey: { name: 'sk', type: AttributeType.STRING },
        billing: Billing.onDemand(),
        encryption: TableEncryptionV2.awsManagedKey(),
        ...(options.expires ? { timeToLiveAttribute: 'ttl' } : {}),
        ...(options.recovery === false
          ? {}
          : {
              pointInTimeRecoverySpecification: {
                pointInTimeRecoveryEnabled: true,
                recoveryPeriodInDays: RECOVERY_DAYS,
              },
            }),
        ...stateLifetime(settings),
      });
    this.entities = table('Entities', { expires: true });
    this.readings = table('Readings', { expires: true });
    this.keyring = table('Keyring', { recovery: false });
    this.audit = table('Audit');
    this.directory = table('Directory', { expires: true });
    this.work = table('Work');
  }
}
