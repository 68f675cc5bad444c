/** How many resources of which type there are: whatever comes in unasked, by a construct or a new version of the CDK, shows here. */
import { beforeAll, expect, it } from 'vitest';
import { type Synthesis, synthesize } from '../support/synthesize.ts';

let prod: Synthesis;
beforeAll(() => {
  prod = synthesize({ stage: 'prod' });
});

it('the stacks hold this and nothing else', () => {
  const counts = Object.fromEntries(
    Object.entries(prod.templates).map(([stack, { Resources }]) => {
      const types = Object.values(Resources).map(({ Type }) => Type.replace('AWS::', ''));
      return [
        stack,
        Object.fromEntries(types.toSorted().map((type) => [type, types.filter((t) => t === type).length])),
      ];
    }),
  );
  expect(counts).toMatchInlineSnapshot(`
    {
      "Custodia-Ops": {
        "CloudWatch::Alarm": 32,
        "CloudWatch::Dashboard": 1,
        "SNS::Topic": 1,
        "SNS::TopicPolicy": 1,
      },
      "Custodia-Service": {
        "ApiGatewayV2::Authorizer": 1,
        "ApiGatewayV2::Integration": 15,
        "ApiGatewayV2::Route": 76,
        "IAM::Policy": 28,
        "IAM::Role": 27,
        "Lambda::EventInvokeConfig": 1,
        "Lambda::EventSourceMapping": 5,
        "Lambda::Function": 25,
        "Lambda::Permission": 16,
        "Lambda::Version": 1,
        "Logs::LogGroup": 25,
        "Scheduler::Schedule": 1,
        "Scheduler::ScheduleGroup": 1,
      },
      "Custodia-State": {
        "ApiGatewayV2::Api": 1,
        "ApiGatewayV2::Stage": 1,
        "Cognito::ManagedLoginBranding": 2,
        "Cognito::UserPool": 2,
        "Cognito::UserPoolClient": 3,
        "Cognito::UserPoolDomain": 2,
        "Cognito::UserPoolResourceServer": 2,
        "DynamoDB::GlobalTable": 6,
        "IAM::Policy": 2,
        "IAM::Role": 2,
        "IoT::DomainConfiguration": 1,
        "IoT::Policy": 1,
        "IoT::TopicRule": 2,
        "KMS::Key": 2,
        "Logs::LogGroup": 1,
        "S3::Bucket": 2,
        "S3::BucketPolicy": 2,
        "SQS::Queue": 9,
        "SQS::QueuePolicy": 9,
      },
    }
  `);
});
