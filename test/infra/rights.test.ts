/**
 * Every role's rights, one statement a line: the list of the few functions that see several accounts, with what each may do. A
 * right that is added, widened or dropped changes this file.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { rightsOf, trustOf } from '../support/rights.ts';
import { type Synthesis, synthesize } from '../support/synthesize.ts';
import { WITH_PATHS } from '../support/template-text.ts';

let prod: Synthesis;
beforeAll(() => {
  prod = synthesize({ stage: 'prod', ...WITH_PATHS });
});

/** Items by the beginning of their partition key, and nothing that has none: `Null` closes Scan and export. */
const keys = (...patterns: string[]) =>
  `if ${JSON.stringify({
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  })}`;
const context = (condition: object) => `if ${JSON.stringify(condition)}`;
const OWN = `\${aws:PrincipalTag/account}`;
const OWN_KEYS = keys(`A#${OWN}#*`);
const OWN_CONTEXT = context({ StringEquals: { 'kms:EncryptionContext:account': OWN } });
const TAKES = 'sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage';
const iot = (resource: string) => `arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:${resource}`;
const DIRECTORY = 'on <Tables/Directory.Arn>';
const IDENTITIES = `dynamodb:GetItem dynamodb:Query ${DIRECTORY} ${keys('ACCOUNT#*', 'CLIENT#*', 'SUBJECT#*')}`;
const PROOFS = `dynamodb:GetItem dynamodb:Query ${DIRECTORY} ${keys('ACCOUNT#*', 'CLIENT#*', 'SUBJECT#*', 'CONNECTOR#*')}`;
/** By the master key, for a context that is a work order's alone. */
const ORDERS = `on <MasterKey/Key.Arn> ${context({
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['workOrder'] },
  Null: { 'kms:EncryptionContext:workOrder': 'false' },
})}`;
const REJECTS = [
  `dynamodb:PutItem on <Tables/Entities.Arn> ${keys('A#*#REJECTED')}`,
  `dynamodb:GetItem on <Tables/Keyring.Arn> ${keys('A#*#KEYRING')}`,
  `kms:Decrypt on <MasterKey/Key.Arn> ${context({ Null: { 'kms:EncryptionContext:account': 'false' } })}`,
];

/** Objects of such names in the S3 bucket of second copies, also for KMS, which S3 asks in the caller's name. */
const copies = (names: string, actions: string) => [
  `${actions} on <KeyCopies/Bucket.Arn>/${names}`,
  `kms:Decrypt kms:GenerateDataKey on <KeyCopies/Key.Arn> ${context({
    StringEquals: { 'kms:ViaService': 's3.<AWS::Region>.amazonaws.com' },
    StringLike: { 'kms:EncryptionContext:aws:s3:arn': `<KeyCopies/Bucket.Arn>/${names}` },
  })}`,
];
const OWN_COPIES = `accounts/${OWN}/keyring/*`;

const DUE = `dynamodb:PutItem on <Tables/Work.Arn> ${keys('DUE#compaction#*')}`;

const SYSTEM: Record<string, string[]> = {
  Authorizer: [IDENTITIES],
  Broker: [
    PROOFS,
    'sts:AssumeRole sts:TagSession on <System/AccountData/Role.Arn>',
    `kms:Decrypt kms:Encrypt ${ORDERS}`,
  ],
  Registrar: [
    `dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem ${DIRECTORY} ${keys('ACCOUNTS', 'ACCOUNT#*', 'CLIENT#*', 'SUBJECT#*', 'CONNECTOR#*', 'IDEMPOTENCY#*')}`,
    DUE,
    'cognito-idp:AddUserPoolClientSecret cognito-idp:AdminCreateUser cognito-idp:AdminDeleteUser cognito-idp:AdminGetUser cognito-idp:CreateUserPoolClient cognito-idp:DeleteUserPoolClient cognito-idp:DescribeUserPoolClient cognito-idp:ListUserPoolClientSecrets on <Identity/Customers.Arn>',
    'sqs:SendMessage on <SecretEndings/Queue.Arn>',
  ],
  EndSecrets: [
    'cognito-idp:DeleteUserPoolClientSecret cognito-idp:ListUserPoolClientSecrets on <Identity/Customers.Arn>',
    `${TAKES} on <SecretEndings/Queue.Arn>`,
  ],
  Provisioner: [
    PROOFS,
    `dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem ${DIRECTORY} ${keys('CERTIFICATE#*', 'DEVICE#*', 'PRODUCT#*', 'REVOCATIONS#*')}`,
    `iot:CreateThing iot:DeleteThing iot:DescribeThing iot:ListThingPrincipals on ${iot('thing/dev_*')}`,
    `iot:CreateThingGroup iot:DeleteThingGroup on ${iot('thinggroup/prd_*')}`,
    `iot:AddThingToThingGroup iot:RemoveThingFromThingGroup on ${iot('thing/dev_*')} ${iot('thinggroup/prd_*')}`,
    `iot:AttachPolicy iot:DetachPolicy on <Devices/DevicePolicy.Arn> ${iot('thinggroup/prd_*')}`,
    'iot:AttachThingPrincipal iot:CreateCertificateFromCsr iot:CreateKeysAndCertificate iot:DetachThingPrincipal on *',
    `iot:DeleteCertificate iot:UpdateCertificate on ${iot('cert/*')}`,
    'iot:DescribeDomainConfiguration on <Devices/Endpoint.Arn>',
    `iot:DeleteConnection on ${iot('client/dev_*')}`,
    `kms:Decrypt ${ORDERS}`,
  ],
  Ingest: [
    `dynamodb:BatchGetItem ${DIRECTORY} ${keys('ACCOUNT#*', 'CERTIFICATE#*', 'REVOCATIONS#*')}`,
    `dynamodb:GetItem dynamodb:Query on <Tables/Entities.Arn> ${keys('A#*#BUCKETS')}`,
    `dynamodb:PutItem on <Tables/Readings.Arn> ${keys('A#*#P#*#FRESH')}`,
    `dynamodb:GetItem dynamodb:PutItem on <Tables/Keyring.Arn> ${keys('A#*#P#*#DAYKEYS')}`,
    DUE,
    ...copies('accounts/*/keyring/products/*/days/*', 's3:GetObject s3:PutObject'),
    `${TAKES} on <Devices/Ingest.Arn>`,
    ...REJECTS,
  ],
  DeadLetters: [
    `dynamodb:GetItem ${DIRECTORY} ${keys('ACCOUNT#*')}`,
    `${TAKES} on <Devices/IngestDeadLetters.Arn>`,
    ...REJECTS,
  ],
  Presence: [
    `dynamodb:GetItem ${DIRECTORY} ${keys('ACCOUNT#*', 'CERTIFICATE#*', 'DEVICE#*')}`,
    `dynamodb:UpdateItem on <Tables/Entities.Arn> ${keys('A#*#P#*#PRESENCE')}`,
    `iot:DeleteConnection on ${iot('client/dev_*')}`,
    `${TAKES} on <Devices/Presence.Arn>`,
  ],
  // No data, whatever it works on: an account's session, or the provisioner, for a work order.
  Jobs: [
    'sqs:SendMessage on <JobFailures/Queue.Arn>',
    'lambda:InvokeFunction on <System/Broker/Function.Arn> <System/Provisioner/Function.Arn>',
    'sqs:GetQueueAttributes on <Devices/Ingest.Arn>',
    'lambda:CheckpointDurableExecution lambda:GetDurableExecutionState lambda:InvokeFunction on <System/Jobs/Function.Arn>:*',
  ],
};

const KEYRING = keys('A#*#KEYRING', 'A#*#BUCKETKEYS', 'A#*#P#*#DEVICEKEYS', 'A#*#P#*#DAYKEYS');
const ALL_COPIES = 'accounts/*/keyring/*';
const A_KEY = context({ Null: { 'kms:EncryptionContext:account': 'false' } });
const COMPACTION: Record<string, string[]> = {
  Sweeper: [
    `dynamodb:BatchWriteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query on <Tables/Work.Arn> ${keys('DUE#*', 'SWEEP#*')}`,
    'sqs:SendMessage on <Compaction/Queue.Arn>',
  ],
  Compactor: [
    `dynamodb:Query on <Tables/Readings.Arn> ${keys('A#*#P#*#FRESH')}`,
    `dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on <Tables/Readings.Arn> ${keys('A#*#P#*#R#*', 'A#*#P#*#S#*', 'A#*#P#*#COMPACTION', 'A#*#P#*#BUNDLE')}`,
    `dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query on <Tables/Entities.Arn> ${keys('A#*#BUCKETS', 'A#*#P#*#NUMBERS')}`,
    `dynamodb:GetItem dynamodb:PutItem dynamodb:Query on <Tables/Keyring.Arn> ${KEYRING}`,
    `dynamodb:PutItem on <Tables/Work.Arn> ${keys('DUE#*')}`,
    `kms:Decrypt on <MasterKey/Key.Arn> ${A_KEY}`,
    `kms:ReEncryptFrom kms:ReEncryptTo on <KeyCopies/Key.Arn> <MasterKey/Key.Arn> ${A_KEY}`,
    ...copies(ALL_COPIES, 's3:DeleteObject s3:GetObject s3:PutObject'),
    `s3:ListBucket on <KeyCopies/Bucket.Arn> ${context({ StringLike: { 's3:prefix': ALL_COPIES } })}`,
    `${TAKES} on <Compaction/Queue.Arn>`,
  ],
};

const may = (...functions: string[]) => [
  `lambda:InvokeFunction on ${functions.map((name) => `<System/${name}/Function.Arn>`).join(' ')}`,
];
const mayStart = (...functions: string[]) => [
  `lambda:InvokeFunction on ${[...functions.map((name) => `<System/${name}/Function.Arn>`), '<System/Jobs/Function/CurrentVersion>'].toSorted().join(' ')}`,
];
const API: Record<string, string[]> = {
  Instance: ['iot:DescribeDomainConfiguration on <Devices/Endpoint.Arn>'],
  Account: may('Broker'),
  Members: may('Broker', 'Registrar'),
  ApiClients: may('Broker', 'Registrar'),
  Products: mayStart('Broker', 'Provisioner'),
  Devices: mayStart('Broker', 'Provisioner'),
  Buckets: mayStart('Broker'),
  Readings: mayStart('Broker', 'Registrar'),
  Connectors: may('Broker', 'Registrar'),
  ConnectorIngest: may('Broker', 'Provisioner', 'Registrar'),
  Deletions: mayStart('Broker'),
  Exports: mayStart('Broker'),
  Imports: mayStart('Broker'),
  Operator: may('Broker', 'Registrar'),
};

const OTHERS: Record<string, string[]> = {
  'System/AccountData/Role': [
    `dynamodb:BatchGetItem dynamodb:ConditionCheckItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on <Tables/Entities.Arn> ${OWN_KEYS}`,
    `dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on <Tables/Readings.Arn> ${OWN_KEYS}`,
    `dynamodb:GetItem dynamodb:PutItem dynamodb:Query on <Tables/Keyring.Arn> ${OWN_KEYS}`,
    `dynamodb:PutItem dynamodb:Query on <Tables/Audit.Arn> ${OWN_KEYS}`,
    `kms:Decrypt kms:GenerateDataKey on <MasterKey/Key.Arn> ${OWN_CONTEXT}`,
    `kms:ReEncryptFrom kms:ReEncryptTo on <KeyCopies/Key.Arn> <MasterKey/Key.Arn> ${OWN_CONTEXT}`,
    ...copies(OWN_COPIES, 's3:DeleteObject s3:GetObject s3:PutObject'),
    `s3:ListBucket on <KeyCopies/Bucket.Arn> ${context({ StringLike: { 's3:prefix': OWN_COPIES } })}`,
    `s3:AbortMultipartUpload s3:DeleteObject s3:GetObject s3:ListMultipartUploadParts s3:PutObject on <Archives/Bucket.Arn>/accounts/${OWN}/*`,
  ],
  'Compaction/ScheduleRole': ['lambda:InvokeFunction on <Compaction/Sweeper/Function.Arn>'],
  'Devices/IngestRuleRole': ['sqs:SendMessage on <Devices/Ingest.Arn> <Devices/IngestDeadLetters.Arn>'],
  'Devices/PresenceRuleRole': ['sqs:SendMessage on <Devices/Presence.Arn> <Devices/PresenceDeadLetters.Arn>'],
};

/** What a function may do beside writing its own log. */
const ofFunctions = (room: string, rights: Record<string, string[]>) =>
  Object.entries(rights).map(([name, more]) => [
    `${room}/${name}/Role`,
    [`logs:CreateLogStream logs:PutLogEvents on <${room}/${name}/Log.Arn>`, ...more],
  ]);

describe('the roles', () => {
  it('may do this, and nothing else', () => {
    expect(rightsOf(prod)).toEqual({
      ...Object.fromEntries([
        ...ofFunctions('System', SYSTEM),
        ...ofFunctions('Compaction', COMPACTION),
        ...ofFunctions('Api', API),
      ]),
      ...OTHERS,
    });
  });

  it('are worn by Lambda and AWS IoT, and that of an account’s data by the broker alone', () => {
    const trust = trustOf(prod);
    const iotOfOurs = `sts:AssumeRole by {"Service":"iot.amazonaws.com"} ${context({ StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } })}`;
    const functions = Object.entries({ System: SYSTEM, Compaction: COMPACTION, Api: API }).flatMap(([room, rights]) =>
      Object.keys(rights).map((name) => `${room}/${name}`),
    );
    const schedulerOfOurs = `sts:AssumeRole by {"Service":"scheduler.amazonaws.com"} ${context({
      StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>', 'aws:SourceArn': '<Compaction/Schedules.Arn>' },
    })}`;
    expect(trust).toEqual({
      ...Object.fromEntries(
        functions.map((fn) => [`${fn}/Role`, ['sts:AssumeRole by {"Service":"lambda.amazonaws.com"}']]),
      ),
      'System/AccountData/Role': ['sts:AssumeRole sts:TagSession by {"AWS":"<System/Broker/Role.Arn>"}'],
      'Compaction/ScheduleRole': [schedulerOfOurs],
      'Devices/IngestRuleRole': [iotOfOurs],
      'Devices/PresenceRuleRole': [iotOfOurs],
    });
  });
});
