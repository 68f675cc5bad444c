// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of CloudFormation and IAM are meant as they stand.
import { describe, expect, test } from 'vitest';
import { checkTemplates, providersByType } from '../../../infra/local/cloudformation/check.ts';
import { ignoredProviders } from '../../../infra/local/cloudformation/ignored.ts';
import { PLACE, stack, things } from './fixture.ts';

const LISTS = {
  honoured: { Name: 'the name', 'Payload.Sql': 'run', Indexes: 'made', 'Rules.Action': 'done', Document: 'in force' },
  ignored: { 'Payload.Description': 'a note', Tags: 'nothing reads them' },
};

function check(template: object, lists = LISTS): string {
  try {
    checkTemplates([stack(template)], PLACE, providersByType([things(lists).provider, ...ignoredProviders(PLACE)]));
    return '';
  } catch (error) {
    return String(error);
  }
}
const checkProperties = (properties: object) =>
  check({ Resources: { A: { Type: 'Test::Thing', Properties: properties } } });

describe('properties', () => {
  test.each<[string, object]>([
    ['a listed property', { Name: 'x' }],
    [
      'anything below a listed property',
      { Document: { Statement: [{ Condition: { Null: { 'dynamodb:LeadingKeys': 'false' } } }] } },
    ],
    ['a listed path', { Payload: { Sql: 'x', Description: 'y' } }],
    ['elements of a list share its path', { Rules: [{ Action: 'x' }, { Action: 'y' }] }],
    ['an ignored property', { Tags: [{ Key: 'a', Value: 'b' }] }],
    ['a listed property behind a condition', { Payload: { 'Fn::If': ['Yes', { Sql: 'x' }, { Ref: 'AWS::NoValue' }] } }],
    ['a property without a value', { Unheard: { Ref: 'AWS::NoValue' } }],
    ['an empty object on the way to a listed path', { Payload: {} }],
  ])('accepted: %s', (_, properties) => {
    const Conditions = { Yes: { 'Fn::Equals': ['a', 'a'] } };
    expect(check({ Conditions, Resources: { A: { Type: 'Test::Thing', Properties: properties } } })).toBe('');
  });

  test.each<[string, object, string]>([
    ['an unlisted property', { Encryption: true }, 'Encryption'],
    ['one whose name begins like a listed one', { Names: 'x' }, 'Names'],
    ['one beside a listed path', { Payload: { Sql: 'x', Retries: 3 } }, 'Payload.Retries'],
    ['one in an element of a list', { Rules: [{ Action: 'x' }, { Delay: 3 }] }, 'Rules.Delay'],
    [
      'one in either branch of a condition',
      { Payload: { 'Fn::If': ['Yes', { Sql: 'x' }, { Retries: 3 }] } },
      'Payload.Retries',
    ],
    ['a function in the place of the object of a listed path', { Payload: { 'Fn::GetAtt': ['A', 'X'] } }, 'Payload'],
    ['an empty list', { Extras: [] }, 'Extras'],
    ['null', { Extras: null }, 'Extras'],
  ])('refused: %s', (_, properties, path) => {
    expect(checkProperties(properties)).toContain(`Test::Thing: the property ${path} is neither honoured nor ignored`);
  });
});

describe('templates', () => {
  test('all problems are told at once, each with its places', () => {
    const message = check({
      Resources: {
        A: { Type: 'Test::Thing', Properties: { Wrong: 1 } },
        B: { Type: 'Test::Thing', Properties: { Wrong: 2, Name: { 'Fn::GetAZs': '' } } },
        C: { Type: 'AWS::EC2::Instance' },
        D: { Type: 'Test::Thing', Properties: { Name: { 'Fn::Sub': '${Nobody}' } }, DependsOn: 'Absent' },
      },
      Outputs: { Url: { Value: { 'Fn::GetAtt': ['Gone', 'Url'] } } },
    });
    for (const part of [
      'the property Wrong is neither honoured nor ignored\n    in Stack/A, Stack/B',
      'the function Fn::GetAZs is not served\n    in Stack/B',
      'the type AWS::EC2::Instance is not served\n    in Stack/C',
      'Ref Nobody has no value on the laptop\n    in Stack/D',
      'DependsOn Absent: no such resource\n    in Stack/D',
      'Fn::GetAtt of Gone: no such resource\n    in Stack/Outputs/Url',
    ]) {
      expect(message).toContain(part);
    }
  });

  test('a resource whose condition is false is not looked at', () => {
    const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
    expect(check({ Conditions, Resources: { A: { Type: 'AWS::EC2::Instance', Condition: 'Never' } } })).toBe('');
  });

  test('conditions that are unknown, in a circle or not served are refused', () => {
    const Conditions = { Loop: { 'Fn::Not': [{ Condition: 'Loop' }] }, Odd: { 'Fn::Contains': [['a'], 'a'] } };
    const of = (Condition: string) => check({ Conditions, Resources: { A: { Type: 'Test::Thing', Condition } } });
    expect(of('Loop')).toContain('conditions in a circle: Loop → Loop');
    expect(of('Odd')).toContain('Fn::Contains');
    expect(of('Missing')).toContain('there is no condition Missing');
  });

  test('a parameter from Parameter Store may be declared, but not used', () => {
    const Parameters = { BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk/version' } };
    const Rules = { CheckBootstrapVersion: { Assertions: [{ Assert: { 'Fn::Not': [{ Ref: 'BootstrapVersion' }] } }] } };
    expect(check({ Parameters, Rules, Resources: {} })).toBe('');
    const used = { A: { Type: 'Test::Thing', Properties: { Name: { Ref: 'BootstrapVersion' } } } };
    expect(check({ Parameters, Rules, Resources: used })).toContain('Ref BootstrapVersion has no value');
  });

  test('alarms, dashboards and topics are ignored wholly, and still answer Ref and their ARN', async () => {
    const Resources = {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { KmsMasterKeyId: 'alias/x' } },
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmActions: [{ Ref: 'Topic' }] } },
    };
    expect(check({ Resources })).toBe('');
    const topic = ignoredProviders(PLACE).find(({ type }) => type === 'AWS::SNS::Topic');
    const made = await topic?.create({
      stack: 'Ops',
      logicalId: 'Topic',
      type: 'AWS::SNS::Topic',
      properties: {},
      metadata: {},
    });
    expect(made?.ref).toBe('arn:aws:sns:eu-central-1:123456789012:Ops-Topic');
  });
});

test('two providers of one type are a mistake of the host', () => {
  expect(() => providersByType([things().provider, things().provider])).toThrow('two providers for Test::Thing');
});
