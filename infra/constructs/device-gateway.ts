/**
 * What devices in the field depend on: the TLS endpoint, one policy for a million devices, and the rules that put what they send
 * on queues. Topics carry the identity, and the policy forces the topics: a device publishes and subscribes under its own prefix
 * alone, because the prefix is made of its thing's name and attributes.
 */
import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDomainConfiguration, CfnPolicy, CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { deadLetterQueue, workQueue } from './queue.ts';

/** In device topics (`$aws/rules/custodia_ingest/…`), therefore fixed. */
export const INGEST_RULE = 'custodia_ingest';
/** TLS 1.2 and 1.3, no older. */
const TLS_POLICY = 'IoTSecurityPolicy_TLS13_1_2_2022_10';
const SQL_VERSION = '2016-03-23';

/** A variable of AWS IoT's policies, filled in at each connection. */
const thing = (name: string) => `\${iot:Connection.Thing.${name}}`;
const NAME = thing('ThingName');
const PREFIX = `${thing('Attributes[account]')}/${thing('Attributes[product]')}/${NAME}`;

export class DeviceGateway extends Construct {
  readonly policy: CfnPolicy;
  readonly domainConfiguration: CfnDomainConfiguration;
  readonly ingestQueue: Queue;
  readonly ingestDeadLetters: Queue;
  readonly presenceQueue: Queue;
  readonly presenceDeadLetters: Queue;

  constructor(scope: Construct, id: string, { settings }: { settings: Settings }) {
    super(scope, id);
    this.policy = new CfnPolicy(this, 'DevicePolicy', { policyDocument: this.devicePolicy() });
    this.domainConfiguration = new CfnDomainConfiguration(this, 'Endpoint', {
      serviceType: 'DATA',
      tlsConfig: { securityPolicy: TLS_POLICY },
      ...(settings.mqttDomain
        ? { domainName: settings.mqttDomain.domainName, serverCertificateArns: [settings.mqttDomain.certificateArn] }
        : {}),
    });

    this.ingestDeadLetters = deadLetterQueue(this, 'IngestDeadLetters');
    this.ingestQueue = workQueue(this, 'Ingest', this.ingestDeadLetters);
    this.presenceDeadLetters = deadLetterQueue(this, 'PresenceDeadLetters');
    this.presenceQueue = workQueue(this, 'Presence', this.presenceDeadLetters);

    // base64 lets any payload through, to be judged by us; who sent it comes from the topic and the certificate, never from it.
    this.rule('IngestRule', {
      name: INGEST_RULE,
      sql:
        "SELECT encode(*, 'base64') AS payload, topic() AS topic, timestamp() AS receivedAt, traceid() AS messageId, " +
        "principal() AS principal FROM 'dt/#'",
      queue: this.ingestQueue,
      deadLetters: this.ingestDeadLetters,
    });
    this.rule('PresenceRule', {
      sql: "SELECT * FROM '$aws/events/presence/+/+'",
      queue: this.presenceQueue,
      deadLetters: this.presenceDeadLetters,
    });
  }

  private devicePolicy(): PolicyDocument {
    const arn = (resource: string, name: string) =>
      Stack.of(this).formatArn({ service: 'iot', resource, resourceName: name });
    return new PolicyDocument({
      statements: [
        new PolicyStatement({
          sid: 'ConnectAsItself',
          actions: ['iot:Connect'],
          resources: [arn('client', NAME)],
          conditions: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
        }),
        new PolicyStatement({
          sid: 'SendUnderItsOwnPrefix',
          actions: ['iot:Publish'],
          resources: [
            arn('topic', `dt/${PREFIX}/*`),
            arn('topic', `$aws/rules/${INGEST_RULE}/dt/${PREFIX}/*`),
            arn('topic', `cmd/${PREFIX}/*/res`),
          ],
        }),
        new PolicyStatement({
          sid: 'SubscribeToItsCommands',
          actions: ['iot:Subscribe'],
          resources: [arn('topicfilter', `cmd/${PREFIX}/*`)],
        }),
        new PolicyStatement({
          sid: 'ReceiveItsCommands',
          actions: ['iot:Receive'],
          resources: [arn('topic', `cmd/${PREFIX}/*`)],
        }),
      ],
    });
  }

  private rule(
    id: string,
    { name, sql, queue, deadLetters }: { name?: string; sql: string; queue: Queue; deadLetters: Queue },
  ) {
    const role = new Role(this, `${id}Role`, {
      assumedBy: new ServicePrincipal('iot.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    for (const target of [queue, deadLetters]) {
      role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [target.queueArn] }));
    }
    const send = (target: Queue) => ({ sqs: { queueUrl: target.queueUrl, roleArn: role.roleArn, useBase64: false } });
    const rule = new CfnTopicRule(this, id, {
      ...(name ? { ruleName: name } : {}),
      topicRulePayload: {
        sql,
        awsIotSqlVersion: SQL_VERSION,
        actions: [send(queue)],
        errorAction: send(deadLetters),
        ruleDisabled: false,
      },
    });
    rule.node.addDependency(role);
  }
}
