/** cdk-nag: no finding that nobody has accepted; what is accepted is a closed list, construct by construct. */
import { readFileSync } from 'node:fs';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Synthesis, synthesize } from '../support/synthesize.ts';

const COPIES =
  'AwsSolutions::AwsSolutions-IAM5[Resource::Custodia-State:ExportsOutputFnGetAttKeyCopiesBucket11C2A30FArn9FDCE478/accounts/';
const ARCHIVES =
  'AwsSolutions::AwsSolutions-IAM5[Resource::Custodia-State:ExportsOutputFnGetAttArchivesBucketD5C337A9ArnF90225F4/accounts/';
const IOT = 'AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:';

/** How often each rule is accepted; a new acceptance is a decision, and changes this list. */
const ACCEPTED = {
  'AwsSolutions::AwsSolutions-APIG4': 5,
  'AwsSolutions::AwsSolutions-COG8': 2,
  'AwsSolutions::AwsSolutions-IAM5[Resource::*]': 1,
  [`${COPIES}*/keyring/products/*/days/*]`]: 1,
  [`${COPIES}*/keyring/*]`]: 1,
  [`${COPIES}<aws:PrincipalTag/account>/keyring/*]`]: 1,
  [`${ARCHIVES}<aws:PrincipalTag/account>/*]`]: 1,
  'AwsSolutions::AwsSolutions-S1': 2,
  [`${IOT}cert/*]`]: 1,
  [`${IOT}client/dev_*]`]: 2,
  [`${IOT}thing/dev_*]`]: 1,
  [`${IOT}thinggroup/prd_*]`]: 1,
  'AwsSolutions::AwsSolutions-IAM5[Resource::<SystemJobsFunctionC7BEB3F9.Arn>:*]': 1,
  'AwsSolutions::AwsSolutions-SQS3': 1,
  'Serverless::Serverless-LambdaAsyncFailureDestination': 1,
  'Serverless::Serverless-LambdaDLQ': 24,
  'Serverless::Serverless-LambdaEventSourceMappingDestination': 5,
  'Serverless::Serverless-LambdaTracing': 25,
  'Serverless::Serverless-SQSRedrivePolicy': 5,
};

const stages: Record<string, Synthesis> = {};
beforeAll(() => {
  for (const stage of ['dev', 'prod']) stages[stage] = synthesize({ stage });
});

describe.each(['dev', 'prod'])('on %s', (stage) => {
  it('synthesis passes every rule of AwsSolutions and Serverless', () => {
    expect(stages[stage]?.output).not.toMatch(/Acknowledge with|Validation failed/);
    expect(stages[stage]?.ok).toBe(true);
  });

  it('accepts what the list says, no more and no less, and nothing for a whole stack', () => {
    const counts: Record<string, number> = {};
    for (const { construct, rule } of stages[stage]?.acknowledged ?? []) {
      counts[rule] = (counts[rule] ?? 0) + 1;
      expect(construct.split('/').length, construct).toBeGreaterThan(2);
    }
    // Only where a rule finds something is its acceptance on record: prod requires MFA of operators.
    const mfa = { 'AwsSolutions::AwsSolutions-COG2': stage === 'prod' ? 1 : 2 };
    expect(counts).toEqual({ ...ACCEPTED, ...mfa });
  });

  it('accepts nothing that no rule finds', () => {
    const text = ({ construct, rule }: { construct: string; rule: string }) => `${construct} ${rule}`;
    const needed = new Set(stages[stage]?.needed.map(text));
    expect(stages[stage]?.acknowledged.map(text).filter((one) => !needed.has(one))).toEqual([]);
  });
});

it('a finding that nobody has accepted stops the synthesis', () => {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
  const app = new App({ context, analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  new Queue(new Stack(app, 'Seeded'), 'WithoutTls');
  expect(() => app.synth()).toThrow(/AwsSolutions-SQS4/);
});
