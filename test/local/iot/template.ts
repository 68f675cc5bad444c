/** The IoT part of a template, as CDK writes it, intrinsics resolved. */
import type { Resource } from '../../../infra/local/contract.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';
export const POLICY = 'DevicePolicy';
export const RULE = 'laptop_ingest';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/rule`;
export const queueUrl = (name: string) => `http://127.0.0.1:4566/${ACCOUNT}/${name}`;
export const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

const resource = (type: string, logicalId: string, properties: Record<string, unknown>): Resource => ({
  stack: 'State',
  logicalId,
  type,
  properties,
  metadata: {},
});

const iot = (rest: string) => `arn:aws:iot:${REGION}:${ACCOUNT}:${rest}`;
// biome-ignore lint/suspicious/noTemplateCurlyInString: an IoT policy variable
const NAME = '${iot:Connection.Thing.ThingName}';
const PREFIX = `\${iot:Connection.Thing.Attributes[account]}/\${iot:Connection.Thing.Attributes[product]}/${NAME}`;

/** A policy beside the devices' own: one action on one resource. */
export const extraPolicy = (name: string, action: string, on: string) =>
  resource('AWS::IoT::Policy', name, {
    PolicyName: name,
    PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: iot(on) }] },
  });

export const devicePolicy = resource('AWS::IoT::Policy', 'DevicePolicy', {
  PolicyName: POLICY,
  PolicyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'iot:Connect',
        Resource: iot(`client/${NAME}`),
        Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
      },
      {
        Effect: 'Allow',
        Action: 'iot:Publish',
        Resource: [iot(`topic/dt/${PREFIX}/*`), iot(`topic/$aws/rules/${RULE}/dt/${PREFIX}/*`)],
      },
      { Effect: 'Allow', Action: 'iot:Subscribe', Resource: iot(`topicfilter/cmd/${PREFIX}/*`) },
      { Effect: 'Allow', Action: 'iot:Receive', Resource: iot(`topic/cmd/${PREFIX}/*`) },
    ],
  },
});

const send = (queue: string) => ({ Sqs: { QueueUrl: queueUrl(queue), RoleArn: ROLE, UseBase64: false } });

export const topicRule = (logicalId: string, sql: string, queue: string, more: Record<string, unknown> = {}) =>
  resource('AWS::IoT::TopicRule', logicalId, {
    TopicRulePayload: {
      Sql: sql,
      AwsIotSqlVersion: '2016-03-23',
      Actions: [send(queue)],
      ErrorAction: send('dead'),
      RuleDisabled: false,
    },
    ...more,
  });

export const ingestRule = topicRule(
  'IngestRule',
  "SELECT encode(*, 'base64') AS payload, topic() AS topic, timestamp() AS receivedAt, traceid() AS messageId, " +
    "principal() AS principal FROM 'dt/#'",
  'ingest',
  { RuleName: RULE },
);
export const presenceRule = topicRule('PresenceRule', "SELECT * FROM '$aws/events/presence/+/+'", 'presence');

export const domain = (SecurityPolicy: string) =>
  resource('AWS::IoT::DomainConfiguration', 'Endpoint', { ServiceType: 'DATA', TlsConfig: { SecurityPolicy } });
