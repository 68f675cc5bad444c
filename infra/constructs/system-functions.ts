/**
 * The system functions: the few that see several accounts, each with one purpose and rights limited by key family.
 *
 * | function    | sees                                   | may                                                              |
 * |-------------|----------------------------------------|------------------------------------------------------------------|
 * | authorizer  | directory                              | read                                                             |
 * | broker      | directory                              | read; assume the account data role, tagged; seal and open work orders |
 * | registrar   | directory, user pool                   | write rows and sign-ins of the token's account; say when a secret ends |
 * | end secrets | secrets' ids of clients                | remove a secret                                                  |
 * | provisioner | directory, IoT things and certificates | write rows, things, groups and certificates of the token's account; open work orders |
 * | ingest      | directory, buckets, account keys       | read; write fresh blocks, their day keys, rejected messages      |
 * | dead letters| account keys                           | write rejected messages                                          |
 * | presence    | directory, presence                    | write presence; cut connections                                  |
 * | jobs        | how many messages wait for ingest      | show a work order to the broker or the provisioner; its own executions |
 */
import { Duration, Lazy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  brokerEnv,
  deadLettersEnv,
  type EnvOf,
  endSecretsEnv,
  ingestEnv,
  jobsEnv,
  presenceEnv,
  provisionerEnv,
  registrarEnv,
  type storeEnv,
  tokenEnv,
} from '../../shared/platform/env.ts';
import type { Settings } from '../settings.ts';
import type { StateStack } from '../stacks/state-stack.ts';
import { AccountDataRole, ownKeysOnly } from './account-data-role.ts';
import { grantDirectory } from './directory-rights.ts';
import { ServiceFunction } from './service-function.ts';
import { storeEnvOf } from './store-env.ts';
import { grantCutting, grantThings } from './thing-rights.ts';
import { grantWorkOrders } from './work-order-rights.ts';

/** Readings wait at most this long for company: the default of "readable within". */
const INGEST_WINDOW = Duration.seconds(1);
const INGEST_BATCH = 1000;
const DAY_COPIES = 'accounts/*/keyring/products/*/days/*';

export class SystemFunctions extends Construct {
  readonly authorizer: ServiceFunction;
  readonly broker: ServiceFunction;
  readonly registrar: ServiceFunction;
  readonly endSecrets: ServiceFunction;
  readonly provisioner: ServiceFunction;
  readonly ingest: ServiceFunction;
  readonly deadLetters: ServiceFunction;
  readonly presence: ServiceFunction;
  readonly jobs: ServiceFunction;

  constructor(scope: Construct, id: string, { settings, state }: { settings: Settings; state: StateStack }) {
    super(scope, id);
    const { tables, identity, devices, masterKey, keyCopies, archives, secretEndings, jobFailures } = state;
    const tokens = {
      USER_POOL_ID: identity.pool.userPoolId,
      OPERATOR_POOL_ID: identity.operatorPool.userPoolId,
      OPERATOR_CLIENT_ID: identity.operatorClient.userPoolClientId,
      DIRECTORY_TABLE: tables.directory.tableName,
    };
    const stores = storeEnvOf(state);

    this.authorizer = new ServiceFunction(this, 'Authorizer', {
      settings,
      entry: 'identity/authorizer',
      envSchema: tokenEnv,
      env: tokens,
      hurt: 'Nobody can use the API: every request with a token is refused.',
    });
    grantDirectory(tables.directory, this.authorizer, 'authorizer');

    this.broker = new ServiceFunction(this, 'Broker', {
      settings,
      entry: 'identity/broker',
      envSchema: brokerEnv,
      env: {
        ...tokens,
        MASTER_KEY_ID: masterKey.key.keyArn,
        ACCOUNT_DATA_ROLE: Lazy.string({ produce: () => data.role.roleArn }),
      },
      hurt: 'API requests of accounts fail once their cached sessions end.',
    });
    grantDirectory(tables.directory, this.broker, 'broker');
    const data = new AccountDataRole(this, 'AccountData', {
      broker: this.broker.role,
      tables,
      masterKey: masterKey.key,
      keyCopies,
      archives,
    });
    this.broker.role.addToPolicy(
      new PolicyStatement({ actions: ['sts:AssumeRole', 'sts:TagSession'], resources: [data.role.roleArn] }),
    );
    grantWorkOrders(masterKey.key, this.broker, 'kms:Encrypt', 'kms:Decrypt');

    this.registrar = new ServiceFunction(this, 'Registrar', {
      settings,
      entry: 'identity/registrar',
      envSchema: registrarEnv,
      env: { ...tokens, SECRET_ENDINGS_QUEUE: secretEndings.queue.queueUrl, WORK_TABLE: tables.work.tableName },
      timeout: Duration.seconds(20),
      hurt: 'Accounts can’t be opened, members and API clients can’t be added, changed or removed.',
    });
    grantDirectory(tables.directory, this.registrar, 'registrar');
    this.registrar.role.addToPolicy(ownKeysOnly([tables.work.tableArn], ['PutItem'], 'DUE#compaction#*'));
    this.registrar.role.addToPolicy(
      new PolicyStatement({
        actions: [
          'AdminCreateUser',
          'AdminGetUser',
          'AdminDeleteUser',
          'CreateUserPoolClient',
          'DescribeUserPoolClient',
          'DeleteUserPoolClient',
          'AddUserPoolClientSecret',
          'ListUserPoolClientSecrets',
        ].map((action) => `cognito-idp:${action}`),
        resources: [identity.pool.userPoolArn],
      }),
    );
    this.registrar.role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [secretEndings.queue.queueArn] }),
    );

    this.endSecrets = new ServiceFunction(this, 'EndSecrets', {
      settings,
      entry: 'queue/end-secrets',
      envSchema: endSecretsEnv,
      env: { USER_POOL_ID: identity.pool.userPoolId },
      timeout: Duration.seconds(30),
      hurt: 'Replaced secrets of API clients work on past their end, and those clients can’t be rotated again.',
    });
    this.endSecrets.role.addToPolicy(
      new PolicyStatement({
        actions: ['cognito-idp:ListUserPoolClientSecrets', 'cognito-idp:DeleteUserPoolClientSecret'],
        resources: [identity.pool.userPoolArn],
      }),
    );
    this.endSecrets.consume(secretEndings.queue, { batchSize: 10 });

    this.provisioner = new ServiceFunction(this, 'Provisioner', {
      settings,
      entry: 'identity/provisioner',
      envSchema: provisionerEnv,
      env: {
        ...tokens,
        DEVICE_POLICY: devices.policy.ref,
        MQTT_DOMAIN_CONFIGURATION: devices.domainConfiguration.ref,
        MASTER_KEY_ID: masterKey.key.keyArn,
      },
      timeout: Duration.seconds(20),
      hurt: 'Products, devices and credentials can’t be added or removed; a revoked credential may stay connected.',
    });
    grantDirectory(tables.directory, this.provisioner, 'provisioner');
    grantThings(this.provisioner, devices);
    grantWorkOrders(masterKey.key, this.provisioner, 'kms:Decrypt');

    this.ingest = new ServiceFunction(this, 'Ingest', {
      settings,
      entry: 'queue/ingest',
      envSchema: ingestEnv,
      env: { ...stores, DIRECTORY_TABLE: tables.directory.tableName, WORK_TABLE: tables.work.tableName },
      timeout: Duration.seconds(30),
      memorySize: 1024,
      hurt: 'What devices send is not readable; it waits in the queue up to 14 days, then it is lost.',
    });
    grantDirectory(tables.directory, this.ingest, 'ingest');
    this.ingest.role.addToPolicy(ownKeysOnly([tables.entities.tableArn], ['GetItem', 'Query'], 'A#*#BUCKETS'));
    this.ingest.role.addToPolicy(ownKeysOnly([tables.readings.tableArn], ['PutItem'], 'A#*#P#*#FRESH'));
    this.ingest.role.addToPolicy(ownKeysOnly([tables.keyring.tableArn], ['GetItem', 'PutItem'], 'A#*#P#*#DAYKEYS'));
    this.ingest.role.addToPolicy(ownKeysOnly([tables.work.tableArn], ['PutItem'], 'DUE#compaction#*'));
    keyCopies.allow(this.ingest.role, DAY_COPIES, 'GetObject', 'PutObject');
    this.ingest.consume(devices.ingestQueue, { batchSize: INGEST_BATCH, maxBatchingWindow: INGEST_WINDOW });

    this.deadLetters = new ServiceFunction(this, 'DeadLetters', {
      settings,
      entry: 'queue/dead-letters',
      envSchema: deadLettersEnv,
      env: { ...stores, DIRECTORY_TABLE: tables.directory.tableName },
      timeout: Duration.seconds(30),
      hurt: 'Messages that could not be stored are not listed for their account; they wait in the dead-letter queue up to 14 days.',
    });
    grantDirectory(tables.directory, this.deadLetters, 'deadLetters');
    this.deadLetters.consume(devices.ingestDeadLetters, { batchSize: 10 });
    for (const fn of [this.ingest, this.deadLetters]) {
      fn.role.addToPolicy(ownKeysOnly([tables.entities.tableArn], ['PutItem'], 'A#*#REJECTED'));
      fn.role.addToPolicy(ownKeysOnly([tables.keyring.tableArn], ['GetItem'], 'A#*#KEYRING'));
      fn.role.addToPolicy(
        new PolicyStatement({
          actions: ['kms:Decrypt'],
          resources: [masterKey.key.keyArn],
          conditions: { Null: { 'kms:EncryptionContext:account': 'false' } },
        }),
      );
    }

    this.presence = new ServiceFunction(this, 'Presence', {
      settings,
      entry: 'mqtt/presence',
      envSchema: presenceEnv,
      env: { DIRECTORY_TABLE: tables.directory.tableName, ENTITY_TABLE: tables.entities.tableName },
      timeout: Duration.seconds(30),
      hurt: 'Devices show a wrong connection state, and one that was cut off may stay connected until AWS’s policy cache has turned over.',
    });
    grantDirectory(tables.directory, this.presence, 'presence');
    this.presence.role.addToPolicy(ownKeysOnly([tables.entities.tableArn], ['UpdateItem'], 'A#*#P#*#PRESENCE'));
    grantCutting(this.presence);
    this.presence.consume(devices.presenceQueue, { batchSize: 100, maxBatchingWindow: Duration.seconds(1) });

    this.jobs = this.makeJobs(settings, { stores, failures: jobFailures.queue, ingestQueue: devices.ingestQueue });
  }

  /** Long work, each job with the session of its account. */
  private makeJobs(
    settings: Settings,
    { stores, failures, ingestQueue }: { stores: EnvOf<typeof storeEnv>; failures: IQueue; ingestQueue: IQueue },
  ): ServiceFunction {
    const jobs = new ServiceFunction(this, 'Jobs', {
      settings,
      entry: 'jobs/run-jobs',
      envSchema: jobsEnv,
      env: {
        ...stores,
        BROKER_FUNCTION: this.broker.function.functionName,
        PROVISIONER_FUNCTION: this.provisioner.function.functionName,
        INGEST_QUEUE: ingestQueue.queueUrl,
      },
      timeout: Duration.minutes(15),
      memorySize: 1024,
      hurt: 'Long work of accounts (deletions, exports, imports) comes late, or breaks off.',
      durable: { failures },
    });
    this.broker.allowCallsBy(jobs);
    jobs.role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:GetQueueAttributes'], resources: [ingestQueue.queueArn] }),
    );
    this.provisioner.allowCallsBy(jobs);
    return jobs;
  }

  /** All of them, for alarms. */
  all(): ServiceFunction[] {
    return [
      this.authorizer,
      this.broker,
      this.registrar,
      this.endSecrets,
      this.provisioner,
      this.ingest,
      this.deadLetters,
      this.presence,
      this.jobs,
    ];
  }
}
