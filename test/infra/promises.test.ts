/** What the template promises, one by one: protection of state, encryption, least privilege, who may call what. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { count } from '../../shared/platform/log.ts';
import { resourcesOf, type Synthesis, synthesize } from '../support/synthesize.ts';

let dev: Synthesis;
let prod: Synthesis;
beforeAll(() => {
  dev = synthesize({ stage: 'dev' });
  prod = synthesize({ stage: 'prod' });
});

type Statement = {
  Effect: string;
  Action: string | string[];
  // biome-ignore lint/suspicious/noExplicitAny: a policy's resources have no one type
  Resource: any;
  Condition?: Record<string, Record<string, unknown>>;
};
/** A variable that IAM or AWS IoT fills in. */
const variable = (name: string) => `\${${name}}`;
const THING = variable('iot:Connection.Thing.ThingName');
const ACCOUNT = variable('aws:PrincipalTag/account');

/** The parts of a text that is joined. */
const text = (value: unknown): unknown[] => Object(value)['Fn::Join']?.[1] ?? [value];

const actionsOf = (statement: Statement) => [statement.Action].flat();

/** What the policies of a role allow, by the logical id of the role. */
function statementsOf(synthesis: Synthesis): Map<string, Statement[]> {
  const found = new Map<string, Statement[]>();
  for (const { Properties } of resourcesOf(synthesis, 'AWS::IAM::Policy')) {
    for (const role of Properties.Roles) {
      found.set(role.Ref, [...(found.get(role.Ref) ?? []), ...Properties.PolicyDocument.Statement]);
    }
  }
  return found;
}

const functionsOf = (synthesis: Synthesis) =>
  resourcesOf(synthesis, 'AWS::Lambda::Function').map((fn) => ({
    ...fn,
    entry: String(fn.Metadata?.['custodia:entry']),
    role: String(fn.Properties.Role['Fn::GetAtt'][0]),
  }));

const table = (synthesis: Synthesis, name: string) => {
  const found = resourcesOf(synthesis, 'AWS::DynamoDB::GlobalTable').find(({ id }) => id.startsWith(`Tables${name}`));
  if (!found) throw new Error(`There is no table ${name}.`);
  return found;
};

describe('state', () => {
  it('is retained and protected on prod, and can be destroyed on dev', () => {
    for (const type of ['AWS::DynamoDB::GlobalTable', 'AWS::Cognito::UserPool', 'AWS::KMS::Key', 'AWS::S3::Bucket']) {
      expect(
        resourcesOf(prod, type).map((r) => r.DeletionPolicy),
        type,
      ).toSatisfy((all: string[]) => all.length > 0 && all.every((p) => p === 'Retain'));
      expect(
        resourcesOf(dev, type).map((r) => r.DeletionPolicy),
        type,
      ).toSatisfy((all: string[]) => all.length > 0 && all.every((p) => p === 'Delete'));
    }
    for (const { Properties } of resourcesOf(prod, 'AWS::DynamoDB::GlobalTable')) {
      expect(Properties.Replicas[0].DeletionProtectionEnabled).toBe(true);
    }
    for (const { Properties } of resourcesOf(prod, 'AWS::Cognito::UserPool'))
      expect(Properties.DeletionProtection).toBe('ACTIVE');
  });

  it('can be recovered for 7 days, but for the keyring: a destroyed key stays destroyed', () => {
    for (const name of ['Entities', 'Readings', 'Audit', 'Directory', 'Work']) {
      expect(table(prod, name).Properties.Replicas[0].PointInTimeRecoverySpecification, name).toEqual({
        PointInTimeRecoveryEnabled: true,
        RecoveryPeriodInDays: 7,
      });
    }
    const keyring = table(prod, 'Keyring').Properties;
    expect(keyring.Replicas[0].PointInTimeRecoverySpecification).toBeUndefined();
    expect(keyring.StreamSpecification).toBeUndefined();
  });

  it('is encrypted, keys by KMS with rotation, and what is short-lived ends by itself', () => {
    const tables = resourcesOf(prod, 'AWS::DynamoDB::GlobalTable');
    expect(tables).toHaveLength(6);
    for (const { Properties } of tables) {
      expect(Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
      expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
    }
    expect(resourcesOf(prod, 'AWS::KMS::Key').map((key) => key.Properties.EnableKeyRotation)).toEqual([true, true]);
    for (const name of ['Entities', 'Readings']) {
      const ttl = { AttributeName: 'ttl', Enabled: true };
      expect(table(prod, name).Properties.TimeToLiveSpecification, name).toEqual(ttl);
    }
    for (const { Properties } of resourcesOf(prod, 'AWS::Logs::LogGroup')) expect(Properties.RetentionInDays).toBe(30);
  });
});

/** An S3 bucket by its construct, with what its policy says. */
function bucketOf(construct: string) {
  const found = resourcesOf(prod, 'AWS::S3::Bucket').filter(({ id }) => id.startsWith(construct));
  expect(found).toHaveLength(1);
  const [{ id, Properties }] = found as [(typeof found)[number]];
  const policy = resourcesOf(prod, 'AWS::S3::BucketPolicy').find((one) => one.Properties.Bucket.Ref === id);
  const statements: Statement[] = policy?.Properties.PolicyDocument.Statement;
  const denials = statements.map(({ Effect, Action, Condition }) => ({ Effect, Action, Condition }));
  return { id, properties: Properties, statements, denials };
}
const TLS_ALONE = { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };

describe('second copies of keys', () => {
  const bucket = () => bucketOf('KeyCopies').properties;

  it('rest under a KMS key of their own, without versions, closed to the public', () => {
    const [encryption] = bucket().BucketEncryption.ServerSideEncryptionConfiguration;
    expect(encryption.ServerSideEncryptionByDefault.SSEAlgorithm).toBe('aws:kms');
    const master = resourcesOf(prod, 'AWS::KMS::Key').find(({ id }) => id.startsWith('MasterKey'));
    const used = JSON.stringify(encryption.ServerSideEncryptionByDefault.KMSMasterKeyID);
    expect(used).toContain('KeyCopiesKey');
    expect(used).not.toContain(master?.id);
    // KMS is told the object, not the bucket alone.
    expect(encryption.BucketKeyEnabled ?? false).toBe(false);
    expect(bucket().VersioningConfiguration).toBeUndefined();
    expect(Object.values(bucket().PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(bucket().OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
  });

  it('are reached by TLS alone, and never replaced', () => {
    expect(bucketOf('KeyCopies').denials).toEqual([
      TLS_ALONE,
      { Effect: 'Deny', Action: 's3:PutObject', Condition: { Null: { 's3:if-none-match': 'true' } } },
    ]);
  });
});

describe('exports and uploads', () => {
  it('rest encrypted, without versions, closed to the public, and are reached by TLS alone', () => {
    const { id, properties, statements, denials } = bucketOf('Archives');
    expect(properties.BucketEncryption).toEqual({
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    });
    // What is deleted is gone, not an older version.
    expect(properties.VersioningConfiguration).toBeUndefined();
    expect(properties.ObjectLockEnabled).toBeUndefined();
    expect(properties.ReplicationConfiguration).toBeUndefined();
    expect(properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(properties.OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
    expect(denials).toEqual([TLS_ALONE]);
    const arn = { 'Fn::GetAtt': [id, 'Arn'] };
    expect(statements[0]?.Resource).toEqual([arn, { 'Fn::Join': ['', [arn, '/*']] }]);
  });

  it('end by themselves: after 30 days, and what was never finished after 8', () => {
    expect(bucketOf('Archives').properties.LifecycleConfiguration).toEqual({
      Rules: [{ Status: 'Enabled', ExpirationInDays: 30, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 8 } }],
    });
  });

  it('are for pages of the origins that may use the API, which get and put, and nothing else', () => {
    const [api] = resourcesOf(prod, 'AWS::ApiGatewayV2::Api');
    const [rule, ...more] = bucketOf('Archives').properties.CorsConfiguration.CorsRules;
    expect(more).toEqual([]);
    expect(rule.AllowedOrigins).toEqual(api?.Properties.CorsConfiguration.AllowOrigins);
    expect(rule.AllowedMethods).toEqual(['GET', 'PUT']);
  });

  it('are told of by no address of the bucket: a session reads, writes and removes objects of its account, and lists none', () => {
    const { id } = bucketOf('Archives');
    const ofBucket = Object.entries(prod.templates['Custodia-State']?.Outputs ?? {}).find(
      ([, { Value }]) => JSON.stringify(Value) === JSON.stringify({ 'Fn::GetAtt': [id, 'Arn'] }),
    );
    const imported = { 'Fn::ImportValue': Object(ofBucket?.[1].Export).Name };
    const all = [...statementsOf(prod)].flatMap(([role, statements]) =>
      statements
        .filter(({ Resource }) => JSON.stringify(Resource).includes(JSON.stringify(imported)))
        .map(({ Effect, Action, Resource, Condition }) => ({ role, Effect, Action, Resource, Condition })),
    );
    expect(all).toEqual([
      {
        role: expect.stringMatching(/^SystemAccountData/),
        Effect: 'Allow',
        Action: [
          's3:AbortMultipartUpload',
          's3:DeleteObject',
          's3:GetObject',
          's3:ListMultipartUploadParts',
          's3:PutObject',
        ],
        Resource: { 'Fn::Join': ['', [imported, `/accounts/${ACCOUNT}/*`]] },
        Condition: undefined,
      },
    ]);
  });
});

describe('queues', () => {
  it('are encrypted, take TLS alone, and lose nothing for 14 days', () => {
    const queues = resourcesOf(prod, 'AWS::SQS::Queue');
    const denied = resourcesOf(prod, 'AWS::SQS::QueuePolicy').flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(
        (s: Statement) => s.Effect === 'Deny' && s.Condition?.Bool?.['aws:SecureTransport'] === 'false',
      ).map(() => Properties.Queues[0].Ref),
    );
    expect(denied.sort()).toEqual(queues.map(({ id }) => id).sort());
    for (const { Properties, id } of queues) {
      expect(Properties.SqsManagedSseEnabled, id).toBe(true);
      expect(Properties.MessageRetentionPeriod, id).toBe(14 * 86_400);
    }
  });

  it('that functions take from have a dead-letter queue, and a visibility of six times the function’s timeout', () => {
    const queues = new Map(resourcesOf(prod, 'AWS::SQS::Queue').map((queue) => [queue.id, queue]));
    const functions = new Map(functionsOf(prod).map((fn) => [fn.id, fn]));
    const mappings = resourcesOf(prod, 'AWS::Lambda::EventSourceMapping');
    expect(mappings.length).toBeGreaterThanOrEqual(5);
    for (const { Properties } of mappings) {
      expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      const source = JSON.stringify(Properties.EventSourceArn);
      const queue = [...queues.values()].find(({ id }) => source.includes(id));
      const fn = functions.get(Properties.FunctionName.Ref);
      expect(queue && fn, source).toBeTruthy();
      expect(queue?.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * fn?.Properties.Timeout);
      if (!queue?.id.includes('DeadLetters'))
        expect(queue?.Properties.RedrivePolicy.maxReceiveCount).toBeGreaterThan(1);
    }
  });
});

describe('devices', () => {
  it('speak TLS 1.2 or 1.3 alone, and use their own prefix alone', () => {
    expect(resourcesOf(prod, 'AWS::IoT::DomainConfiguration')[0]?.Properties.TlsConfig).toEqual({
      SecurityPolicy: 'IoTSecurityPolicy_TLS13_1_2_2022_10',
    });
    const [policy] = resourcesOf(prod, 'AWS::IoT::Policy');
    const statements: Statement[] = policy?.Properties.PolicyDocument.Statement;
    expect(statements.map((s) => s.Action)).toEqual(['iot:Connect', 'iot:Publish', 'iot:Subscribe', 'iot:Receive']);
    const attribute = (name: string) => variable(`iot:Connection.Thing.Attributes[${name}]`);
    const prefix = `${attribute('account')}/${attribute('product')}/${THING}/`;
    for (const { Action, Resource, Condition } of statements) {
      const resources = [Resource].flat().map((r) => String(r['Fn::Join'][1].at(-1)));
      if (Action === 'iot:Connect') {
        expect(resources).toEqual([`:client/${THING}`]);
        expect(Condition).toEqual({ Bool: { 'iot:Connection.Thing.IsAttached': 'true' } });
      } else for (const resource of resources) expect(resource).toContain(prefix);
    }
  });

  it('send to a rule of a fixed name that tells topic, certificate and arrival, and loses nothing', () => {
    const rule = resourcesOf(prod, 'AWS::IoT::TopicRule').find(
      ({ Properties }) => Properties.RuleName === 'custodia_ingest',
    );
    expect(rule?.Properties.TopicRulePayload.Sql).toBe(
      "SELECT encode(*, 'base64') AS payload, topic() AS topic, timestamp() AS receivedAt, traceid() AS messageId, principal() AS principal FROM 'dt/#'",
    );
    for (const { Properties } of resourcesOf(prod, 'AWS::IoT::TopicRule')) {
      expect(Properties.TopicRulePayload.ErrorAction.Sqs.QueueUrl).toBeDefined();
    }
  });
});

describe('people and programs', () => {
  it('are invited, with long passwords; operators on prod need a second factor', () => {
    for (const { Properties } of resourcesOf(prod, 'AWS::Cognito::UserPool')) {
      expect(Properties.AdminCreateUserConfig.AllowAdminCreateUserOnly).toBe(true);
      expect(Properties.Policies.PasswordPolicy.MinimumLength).toBeGreaterThanOrEqual(12);
      expect(Properties.Schema ?? []).toEqual([]);
    }
    const mfa = resourcesOf(prod, 'AWS::Cognito::UserPool').map((pool) => pool.Properties.MfaConfiguration);
    expect(mfa.sort()).toEqual(['ON', 'OPTIONAL']);
  });

  it('get tokens by code or client credentials alone, with at most 50 scopes a client', () => {
    for (const { Properties } of resourcesOf(prod, 'AWS::Cognito::UserPoolClient')) {
      const flows = Properties.AllowedOAuthFlows;
      expect([['code'], ['client_credentials']]).toContainEqual(flows);
      expect(Properties.GenerateSecret).toBe(flows[0] === 'client_credentials');
      expect(Properties.AllowedOAuthScopes.length).toBeLessThanOrEqual(50);
      expect(Properties.ExplicitAuthFlows ?? []).not.toContain('ALLOW_USER_PASSWORD_AUTH');
    }
  });

  it('pass the authorizer on every route but a closed list', () => {
    const routes = resourcesOf(prod, 'AWS::ApiGatewayV2::Route');
    const open = routes
      .filter(({ Properties }) => Properties.AuthorizationType !== 'CUSTOM')
      .map(({ Properties }) => Properties.RouteKey);
    expect(open.sort()).toEqual([
      '$default',
      'GET /docs',
      'GET /openapi.json',
      'GET /v1',
      'POST /v1/ingest/{connector}',
    ]);
    expect(routes.length).toBeGreaterThan(40);
    const [authorizer] = resourcesOf(prod, 'AWS::ApiGatewayV2::Authorizer');
    expect(authorizer?.Properties).toMatchObject({
      AuthorizerPayloadFormatVersion: '2.0',
      AuthorizerResultTtlInSeconds: 30,
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
    });
  });
});

describe('jobs', () => {
  it('run on versions that stay, for as long as a work order opens an account, and no failure goes unnoticed', () => {
    const durable = functionsOf(prod).filter(({ Properties }) => Properties.DurableConfig);
    expect(durable.map(({ entry }) => entry)).toEqual(['functions/jobs/run-jobs.ts']);
    const [jobs] = durable;
    expect(jobs?.Properties.DurableConfig).toEqual({ ExecutionTimeout: 7 * 86_400, RetentionPeriodInDays: 7 });
    const versions = resourcesOf(prod, 'AWS::Lambda::Version');
    expect(versions.map(({ Properties }) => Properties.FunctionName)).toEqual([{ Ref: jobs?.id }]);
    for (const version of versions)
      expect([version.DeletionPolicy, version.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);

    const failures = JSON.stringify(jobs?.Properties.DeadLetterConfig.TargetArn);
    expect(failures).toContain('JobFailures');
    const alarms = resourcesOf(prod, 'AWS::CloudWatch::Alarm').map(({ Properties }) => JSON.stringify(Properties));
    expect(alarms.filter((alarm) => alarm.includes('JobFailures'))).toHaveLength(1);
  });

  it('may touch no data by themselves', () => {
    const [jobs] = functionsOf(prod).filter(({ Properties }) => Properties.DurableConfig);
    const actions = (statementsOf(prod).get(jobs?.role ?? '') ?? []).flatMap(actionsOf);
    expect(actions.filter((action) => !/^(lambda|logs|sqs):/.test(action))).toEqual([]);
    expect(actions).not.toEqual([]);
  });
});

describe('the two walls', () => {
  const OWN_LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];

  it('a handler of the API has no data permission and may not assume a role', () => {
    const statements = statementsOf(prod);
    const handlers = functionsOf(prod).filter(({ entry }) => entry.startsWith('functions/http/'));
    expect(handlers.length).toBeGreaterThanOrEqual(9);
    const system = ['SystemBroker', 'SystemRegistrar', 'SystemProvisioner', 'SystemJobsFunctionCurrentVersion'];
    for (const { role, entry } of handlers) {
      expect(statements.get(role), entry).not.toEqual([]);
      for (const statement of statements.get(role) ?? []) {
        const actions = actionsOf(statement);
        if (actions.every((action) => OWN_LOG.includes(action))) continue;
        if (entry.endsWith('/instance.ts')) {
          expect(actions).toEqual(['iot:DescribeDomainConfiguration']);
          continue;
        }
        expect(actions, entry).toEqual(['lambda:InvokeFunction']);
        for (const resource of [statement.Resource].flat()) {
          const named: string = resource.Ref ?? resource['Fn::GetAtt'][0];
          expect(
            system.some((name) => named.startsWith(name)),
            JSON.stringify(resource),
          ).toBe(true);
        }
      }
    }
  });

  it('a function is told of the functions that it may call, and of no other', () => {
    const named = (resource: { Ref?: string; 'Fn::GetAtt'?: [string] }) => resource.Ref ?? resource['Fn::GetAtt']?.[0];
    const statements = statementsOf(prod);
    const calling = functionsOf(prod).map(({ entry, role, Properties }) => {
      const variables: Record<string, object> = Properties.Environment?.Variables ?? {};
      const told = Object.entries(variables).flatMap(([name, value]) =>
        name.endsWith('_FUNCTION') ? named(value) : [],
      );
      const may = (statements.get(role) ?? [])
        .filter((statement) => actionsOf(statement).join() === 'lambda:InvokeFunction')
        .flatMap((statement) => [statement.Resource].flat().map(named));
      expect(told.toSorted(), entry).toEqual(may.toSorted());
      return told;
    });
    expect(calling.filter((told) => told.length > 0).length).toBeGreaterThanOrEqual(12);
  });

  it('the account data role is the broker’s alone, and every statement holds it to one account', () => {
    const data = resourcesOf(prod, 'AWS::IAM::Role').find(({ id }) => id.startsWith('SystemAccountData'));
    const trust: Statement[] = data?.Properties.AssumeRolePolicyDocument.Statement;
    for (const statement of trust)
      expect(JSON.stringify(statement)).toMatch(/"AWS":\{"Fn::GetAtt":\["SystemBrokerRole\w+","Arn"\]\}/);
    const assuming = [...statementsOf(prod)].filter(([, all]) =>
      all.some((s) => actionsOf(s).includes('sts:AssumeRole')),
    );
    expect(assuming.map(([role]) => role)).toEqual([expect.stringMatching(/^SystemBrokerRole/)]);

    const statements = statementsOf(prod).get(String(data?.id)) ?? [];
    const services = statements.flatMap(actionsOf).map((action) => action.split(':')[0]);
    expect([...new Set(services)].toSorted()).toEqual(['dynamodb', 'kms', 's3']);
    for (const statement of statements) {
      const condition = statement.Condition ?? {};
      const [service] = new Set(actionsOf(statement).map((action) => action.split(':')[0]));
      const ownObjects = `/accounts/${ACCOUNT}/keyring/*`;
      if (service === 's3') {
        const where = condition.StringLike ? `/${condition.StringLike['s3:prefix']}` : text(statement.Resource).at(-1);
        const isArchives = JSON.stringify(statement.Resource).includes('ArchivesBucket');
        expect(where).toBe(isArchives ? `/accounts/${ACCOUNT}/*` : ownObjects);
      } else if (condition.StringLike) {
        expect(text(condition.StringLike['kms:EncryptionContext:aws:s3:arn']).at(-1)).toBe(ownObjects);
      } else if (service === 'kms') {
        expect(condition).toEqual({ StringEquals: { 'kms:EncryptionContext:account': ACCOUNT } });
      } else {
        expect(condition).toEqual({
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`A#${ACCOUNT}#*`] },
          Null: { 'dynamodb:LeadingKeys': 'false' },
        });
      }
    }
  });

  it('an account’s session may add audit events, and neither change nor remove one', () => {
    const audit = table(prod, 'Audit').id;
    const all = [...statementsOf(prod).values()].flat().filter((s) => JSON.stringify(s.Resource).includes(audit));
    expect([...new Set(all.flatMap(actionsOf))].sort()).toEqual(['dynamodb:PutItem', 'dynamodb:Query']);
  });

  it('nobody may do everything: no action has a wildcard, and data actions name their tables', () => {
    for (const [role, statements] of statementsOf(prod)) {
      for (const statement of statements) {
        for (const action of actionsOf(statement)) {
          expect(action, role).not.toContain('*');
          if (action.startsWith('dynamodb:') || action.startsWith('kms:'))
            expect(statement.Resource, role).not.toBe('*');
        }
      }
    }
  });
});

describe('what happens by the clock', () => {
  it('is swept every minute, and leaves those who wait for an answer eight of ten functions', () => {
    const [schedule, ...more] = resourcesOf(prod, 'AWS::Scheduler::Schedule');
    expect(more).toEqual([]);
    expect(schedule?.Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^CompactionSweeper/), 'Arn'] } },
    });
    expect(resourcesOf(prod, 'AWS::Lambda::EventInvokeConfig').map(({ Properties }) => Properties)).toEqual([
      {
        FunctionName: { Ref: expect.stringMatching(/^CompactionSweeper/) },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 0,
      },
    ]);
    const compaction = resourcesOf(prod, 'AWS::Lambda::EventSourceMapping').find(({ Properties }) =>
      /^CompactionCompactor/.test(Properties.FunctionName.Ref),
    );
    expect(compaction?.Properties).toMatchObject({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
  });
});

describe('operations', () => {
  it('every function has an alarm that says who is hurt', () => {
    const alarms = resourcesOf(prod, 'AWS::CloudWatch::Alarm');
    for (const { id } of functionsOf(prod)) {
      const alarm = alarms.find(({ Properties }) => JSON.stringify(Properties.Dimensions ?? []).includes(id));
      expect(alarm?.Properties.AlarmDescription, id).toMatch(/^[A-Z].{20,}\.$/);
    }
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1);
  });

  it('a product that can’t be compacted rings at the first failure, by the metric that the function counts', () => {
    const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
    count(0, { CompactionsFailed: 1 });
    const line = String(printed.mock.lastCall?.[0]);
    printed.mockRestore();
    const [emitted] = JSON.parse(line)._aws.CloudWatchMetrics;
    expect(emitted).toMatchObject({ Dimensions: [[]], Metrics: [{ Name: 'CompactionsFailed' }] });
    const [alarm, ...more] = resourcesOf(prod, 'AWS::CloudWatch::Alarm').filter(
      ({ Properties }) => Properties.MetricName === 'CompactionsFailed',
    );
    expect(more).toEqual([]);
    expect(alarm?.Properties).toMatchObject({
      Namespace: emitted.Namespace,
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
    // One that named a dimension, or a metric of a calculation, would wait for data that never come.
    expect(alarm?.Properties).not.toHaveProperty('Dimensions');
    expect(alarm?.Properties).not.toHaveProperty('Metrics');
  });

  it('names nothing physically but the rule and the login prefixes, and has room to grow', () => {
    const named = Object.entries(prod.templates).flatMap(([, { Resources }]) =>
      Object.values(Resources).flatMap(({ Type, Properties }) =>
        [
          'TableName',
          'QueueName',
          'FunctionName',
          'RoleName',
          'UserPoolName',
          'RuleName',
          'PolicyName',
          'LogGroupName',
          'Domain',
        ]
          .filter((name) => typeof Properties[name] === 'string' || (name === 'Domain' && Properties[name]))
          .filter((name) => !(Type === 'AWS::IAM::Policy' && name === 'PolicyName'))
          .map((name) => `${Type}.${name}`),
      ),
    );
    expect([...new Set(named)].sort()).toEqual(['AWS::Cognito::UserPoolDomain.Domain', 'AWS::IoT::TopicRule.RuleName']);
    for (const { Resources } of Object.values(prod.templates)) expect(Object.keys(Resources).length).toBeLessThan(300);
  });

  it('needs no custom resource, and exports from state alone', () => {
    const types = Object.values(prod.templates).flatMap(({ Resources }) =>
      Object.values(Resources).map(({ Type }) => Type),
    );
    expect(types.filter((type) => /^Custom::|CustomResource/.test(type))).toEqual([]);
    const exporting = Object.entries(prod.templates).filter(([, { Outputs }]) =>
      Object.values(Outputs).some((o) => o.Export),
    );
    // The ops stack reads the functions' names for its alarms.
    expect(exporting.map(([stack]) => stack).sort()).toEqual(['Custodia-Service', 'Custodia-State']);
  });

  it('tells a deployer where everything is', () => {
    expect(Object.keys(prod.templates['Custodia-State']?.Outputs ?? {})).toEqual(
      expect.arrayContaining([
        'ApiUrl',
        'Issuer',
        'OAuthUrl',
        'PublicClientId',
        'OperatorClientId',
        'OperatorClientSecretCommand',
        'OperatorSignIn',
      ]),
    );
  });
});
