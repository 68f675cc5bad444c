/** What devices in the field depend on, to the letter: what they may do, and where what they send goes. */
import { beforeAll, expect, it } from 'vitest';
import { resourcesOf, type Synthesis, synthesize } from '../support/synthesize.ts';
import { renderer, WITH_PATHS } from '../support/template-text.ts';

let prod: Synthesis;
beforeAll(() => {
  prod = synthesize({ stage: 'prod', ...WITH_PATHS });
});

const rendered = (type: string) => {
  const { named, render } = renderer(prod);
  return Object.fromEntries(
    resourcesOf(prod, type).map(({ stack, id, Properties }) => [named(stack, id), render(stack, Properties)]),
  );
};

/** A variable of AWS IoT's policies, filled in at each connection. */
const thing = (name: string) => `\${iot:Connection.Thing.${name}}`;
const NAME = thing('ThingName');
const PREFIX = `${thing('Attributes[account]')}/${thing('Attributes[product]')}/${NAME}`;
const arn = (resource: string) => `arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:${resource}`;
const allow = (Sid: string, Action: string, Resource: unknown) => ({ Sid, Effect: 'Allow', Action, Resource });

it('one policy lets each device be itself, and use the topics below its own prefix alone', () => {
  expect(rendered('AWS::IoT::Policy')).toEqual({
    'Devices/DevicePolicy': {
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            ...allow('ConnectAsItself', 'iot:Connect', arn(`client/${NAME}`)),
            Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
          },
          allow('SendUnderItsOwnPrefix', 'iot:Publish', [
            arn(`topic/$aws/rules/custodia_ingest/dt/${PREFIX}/*`),
            arn(`topic/cmd/${PREFIX}/*/res`),
            arn(`topic/dt/${PREFIX}/*`),
          ]),
          allow('SubscribeToItsCommands', 'iot:Subscribe', arn(`topicfilter/cmd/${PREFIX}/*`)),
          allow('ReceiveItsCommands', 'iot:Receive', arn(`topic/cmd/${PREFIX}/*`)),
        ],
      },
    },
  });
});

it('two rules send to their queues, and what can’t get there to the dead letters', () => {
  const send = (rule: string, queue: string) => ({
    Sqs: { QueueUrl: `<Devices/${queue}>`, RoleArn: `<Devices/${rule}Role.Arn>`, UseBase64: false },
  });
  const rule = (name: string, queue: string, Sql: string) => ({
    TopicRulePayload: {
      Sql,
      AwsIotSqlVersion: '2016-03-23',
      RuleDisabled: false,
      Actions: [send(name, queue)],
      ErrorAction: send(name, `${queue}DeadLetters`),
    },
  });
  expect(rendered('AWS::IoT::TopicRule')).toEqual({
    'Devices/IngestRule': {
      RuleName: 'custodia_ingest',
      ...rule(
        'IngestRule',
        'Ingest',
        "SELECT encode(*, 'base64') AS payload, topic() AS topic, timestamp() AS receivedAt, traceid() AS messageId, principal() AS principal FROM 'dt/#'",
      ),
    },
    'Devices/PresenceRule': rule('PresenceRule', 'Presence', "SELECT * FROM '$aws/events/presence/+/+'"),
  });
});
