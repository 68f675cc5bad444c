/**
 * What happens by the clock: the sweeper hands over what is due, the compactor merges fresh blocks of products whose hours and days have
 * closed. Both see several accounts, and are limited by families of keys.
 *
 * | function  | sees                                        | may                                                          |
 * |-----------|---------------------------------------------|--------------------------------------------------------------|
 * | sweeper   | work table                                  | hand rows to the compactor's queue, and remove them          |
 * | compactor | readings, buckets, device numbers, all keys | write blocks, bundles, catalogs, summaries; end keys of days |
 */
import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { compactorEnv, sweeperEnv } from '../../shared/platform/env.ts';
import type { Settings } from '../settings.ts';
import { COMPACTION_TIMEOUT, type StateStack } from '../stacks/state-stack.ts';
import { ownKeysOnly } from './account-data-role.ts';
import { ServiceFunction } from './service-function.ts';
import { storeEnvOf } from './store-env.ts';

const KEYRING = ['A#*#KEYRING', 'A#*#BUCKETKEYS', 'A#*#P#*#DEVICEKEYS', 'A#*#P#*#DAYKEYS'];
const MERGED = ['A#*#P#*#R#*', 'A#*#P#*#S#*', 'A#*#P#*#COMPACTION', 'A#*#P#*#BUNDLE'];
const DUE = 'DUE#*';

export class CompactionFunctions extends Construct {
  readonly sweeper: ServiceFunction;
  readonly compactor: ServiceFunction;

  constructor(scope: Construct, id: string, { settings, state }: { settings: Settings; state: StateStack }) {
    super(scope, id);
    const { tables, compaction, masterKey, keyCopies } = state;
    const work = { WORK_TABLE: tables.work.tableName };

    this.sweeper = new ServiceFunction(this, 'Sweeper', {
      settings,
      entry: 'schedule/sweep',
      envSchema: sweeperEnv,
      env: { ...work, COMPACTION_QUEUE: compaction.queue.queueUrl },
      timeout: Duration.seconds(50),
      triedOnce: 'EventBridge Scheduler rings each minute: what one sweep didn’t hand over is due again at the next.',
      hurt: 'Readings stay in fresh blocks, and old ones are slow to read; after 14 days without it they are lost.',
    });
    this.sweeper.role.addToPolicy(
      ownKeysOnly([tables.work.tableArn], ['GetItem', 'Query', 'PutItem', 'BatchWriteItem'], [DUE, 'SWEEP#*']),
    );
    this.sweeper.role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [compaction.queue.queueArn] }),
    );
    this.everyMinute();

    this.compactor = new ServiceFunction(this, 'Compactor', {
      settings,
      entry: 'queue/compact',
      envSchema: compactorEnv,
      env: {
        ...work,
        ...storeEnvOf(state),
      },
      timeout: COMPACTION_TIMEOUT,
      memorySize: 1769,
      hurt: 'Readings stay in fresh blocks, and old ones are slow to read; after 14 days without it they are lost.',
    });
    const allow = (...statement: Parameters<typeof ownKeysOnly>) =>
      this.compactor.role.addToPolicy(ownKeysOnly(...statement));
    allow([tables.readings.tableArn], ['Query'], ['A#*#P#*#FRESH']);
    allow([tables.readings.tableArn], ['GetItem', 'Query', 'PutItem', 'UpdateItem'], MERGED);
    allow([tables.entities.tableArn], ['GetItem', 'BatchGetItem', 'Query'], ['A#*#BUCKETS', 'A#*#P#*#NUMBERS']);
    allow([tables.keyring.tableArn], ['GetItem', 'Query', 'PutItem'], KEYRING);
    allow([tables.work.tableArn], ['PutItem'], DUE);
    const aKey = (...actions: string[]) => ({
      actions: actions.map((action) => `kms:${action}`),
      conditions: { Null: { 'kms:EncryptionContext:account': 'false' } },
    });
    this.compactor.role.addToPolicy(new PolicyStatement({ ...aKey('Decrypt'), resources: [masterKey.key.keyArn] }));
    this.compactor.role.addToPolicy(
      new PolicyStatement({
        ...aKey('ReEncryptFrom', 'ReEncryptTo'),
        resources: [masterKey.key.keyArn, keyCopies.recoveryKey.keyArn],
      }),
    );
    keyCopies.allow(this.compactor.role, 'accounts/*/keyring/*', 'GetObject', 'PutObject', 'DeleteObject');
    keyCopies.allowListing(this.compactor.role, 'accounts/*/keyring/*');
    // Whoever has ten concurrent functions, as new AWS accounts do, keeps eight for those who wait for an answer.
    this.compactor.consume(compaction.queue, { batchSize: 1, maxConcurrency: 2 });
  }

  /** A role of its own, which may ring this function alone: the construct for targets would allow every version of it, too. */
  private everyMinute() {
    const group = new ScheduleGroup(this, 'Schedules');
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID, 'aws:SourceArn': group.scheduleGroupArn } },
      }),
    });
    const { functionArn } = this.sweeper.function;
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
    new CfnSchedule(this, 'EveryMinute', {
      groupName: group.scheduleGroupName,
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      // A minute later comes the next.
      target: { arn: functionArn, roleArn: role.roleArn, retryPolicy: { maximumRetryAttempts: 0 } },
    });
  }

  all(): ServiceFunction[] {
    return [this.sweeper, this.compactor];
  }
}
