import * as z from 'zod';
import type { Authority, QueueSender, ResourceProvider } from '../../../contract.ts';
import type { Arns } from '../arns.ts';
import type { RuleEngine } from '../rules/engine.ts';
import { parseStatement } from '../rules/sql.ts';
import { sqsAction } from '../rules/sqs-action.ts';
import { physicalName } from './physical-name.ts';

const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]).default(false);
const action = z.strictObject({
  Sqs: z.strictObject({ QueueUrl: z.url(), RoleArn: z.string(), UseBase64: flag }),
});
const properties = z.object({
  RuleName: z
    .string()
    .regex(/^\w{1,128}$/)
    .optional(),
  TopicRulePayload: z.object({
    Sql: z.string(),
    AwsIotSqlVersion: z.literal('2016-03-23'),
    RuleDisabled: flag,
    Actions: z.array(action).max(10),
    ErrorAction: action.optional(),
  }),
});

export const topicRuleProvider = ({
  rules,
  ...deps
}: {
  rules: RuleEngine;
  authority: Authority;
  queues: QueueSender;
  arns: Arns;
}): ResourceProvider => ({
  type: 'AWS::IoT::TopicRule',
  honoured: {
    RuleName: 'also the name in Basic Ingest topics',
    'TopicRulePayload.Sql': 'the part of the language that rules/sql.ts lists; anything else stops the boot',
    'TopicRulePayload.AwsIotSqlVersion': 'must be 2016-03-23',
    'TopicRulePayload.RuleDisabled': 'a disabled rule takes no messages',
    'TopicRulePayload.Actions.Sqs': 'sends to a queue with the rights of its role',
    'TopicRulePayload.ErrorAction.Sqs': "runs once with AWS's error document when an action fails",
  },
  ignored: {
    'TopicRulePayload.Description': 'for people',
    Tags: 'nothing on the laptop reads tags',
  },
  create: async (resource) => {
    const { RuleName: name = physicalName(resource, '_'), TopicRulePayload: payload } = properties.parse(
      resource.properties,
    );
    const toAction = ({ Sqs }: z.infer<typeof action>) =>
      sqsAction({ queueUrl: Sqs.QueueUrl, roleArn: Sqs.RoleArn, useBase64: Sqs.UseBase64 }, { rule: name, ...deps });
    const statement = parseStatement(payload.Sql);
    const errorAction = payload.ErrorAction && toAction(payload.ErrorAction);
    if (!payload.RuleDisabled) rules.put({ name, statement, actions: payload.Actions.map(toAction), errorAction });
    return { ref: name, attributes: { Arn: deps.arns.of('rule', name) } };
  },
});
