// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like template literals
import { describe, expect, it } from 'vitest';
import type { PolicyDocument, PolicyStatement } from '../../../infra/local/contract.ts';
import { evaluate } from '../../../infra/local/front-door/iam/evaluate.ts';
import { compilePolicy } from '../../../infra/local/front-door/iam/policy.ts';
import { RequestContext } from '../../../infra/local/front-door/iam/request-context.ts';

const TABLE = 'arn:aws:dynamodb:eu-central-1:123456789012:table/Main';
const QUEUE = 'arn:aws:sqs:eu-central-1:123456789012:q';
const TOPICS = 'arn:aws:iot:eu-central-1:123456789012:topic';

const allow = (statement: Omit<PolicyStatement, 'Effect'>): PolicyStatement => ({ Effect: 'Allow', ...statement });
const document = (...statements: PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});

const ownTenant = document(
  allow({
    Action: ['dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:PutItem'],
    Resource: [TABLE, `${TABLE}/index/*`],
    Condition: {
      'ForAllValues:StringLike': {
        'dynamodb:LeadingKeys': ['TENANT#${aws:PrincipalTag/tenant}', 'TENANT#${aws:PrincipalTag/tenant}#*'],
      },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  }),
);
const ownPrefix = document(allow({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/${aws:PrincipalTag/tenant}/*' }));
const queue = (Condition: PolicyStatement['Condition']) =>
  document(allow({ Action: 'sqs:*', Resource: '*', ...(Condition && { Condition }) }));
const publish = document(
  allow({ Action: 'iot:Publish', Resource: `${TOPICS}/dt/\${iot:Connection.Thing.ThingName}/*` }),
);
const secure = document(allow({ Action: '*', Resource: '*' }), {
  Effect: 'Deny',
  Action: 's3:*',
  Resource: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

const tag = (value: string) => ({ 'aws:PrincipalTag/tenant': value });
const keys = (...values: string[]) => ({ 'dynamodb:LeadingKeys': values });
type Case = [
  title: string,
  policy: PolicyDocument,
  action: string,
  resource: string,
  context: Record<string, string | string[]>,
  expected: 'allowed' | 'implicitDeny' | 'explicitDeny',
];
const query = (title: string, context: Case[4], expected: Case[5]): Case => [
  title,
  ownTenant,
  'dynamodb:Query',
  TABLE,
  context,
  expected,
];
const send = (title: string, condition: PolicyStatement['Condition'], context: Case[4], expected: Case[5]): Case => [
  title,
  queue(condition),
  'sqs:SendMessage',
  QUEUE,
  context,
  expected,
];

const cases: Case[] = [
  query('own leading key', { ...tag('t1'), ...keys('TENANT#t1') }, 'allowed'),
  query('several own keys', { ...tag('t1'), ...keys('TENANT#t1#x', 'TENANT#t1') }, 'allowed'),
  query("another tenant's key", { ...tag('t1'), ...keys('TENANT#t2') }, 'implicitDeny'),
  query('own and foreign keys mixed', { ...tag('t1'), ...keys('TENANT#t1', 'TENANT#t2') }, 'implicitDeny'),
  query('no leading key at all (Null guards)', tag('t1'), 'implicitDeny'),
  query('an empty list of leading keys', { ...tag('t1'), ...keys() }, 'implicitDeny'),
  query('no tag on the session', keys('TENANT#'), 'implicitDeny'),
  query('the tag * is no wildcard', { ...tag('*'), ...keys('TENANT#t2') }, 'implicitDeny'),
  query('the tag ? is no wildcard', { ...tag('t?'), ...keys('TENANT#t2') }, 'implicitDeny'),
  query('the tag * is a star', { ...tag('*'), ...keys('TENANT#*') }, 'allowed'),
  query(
    'a tag that holds a variable is text',
    { ...tag('${aws:x}'), 'aws:x': 't2', ...keys('TENANT#t2') },
    'implicitDeny',
  ),
  [
    'an action not listed',
    ownTenant,
    'dynamodb:DeleteItem',
    TABLE,
    { ...tag('t1'), ...keys('TENANT#t1') },
    'implicitDeny',
  ],
  [
    'an index of the table',
    ownTenant,
    'dynamodb:Query',
    `${TABLE}/index/i`,
    { ...tag('t1'), ...keys('TENANT#t1') },
    'allowed',
  ],
  ['another table', ownTenant, 'dynamodb:Query', `${TABLE}2`, { ...tag('t1'), ...keys('TENANT#t1') }, 'implicitDeny'],
  [
    'actions ignore case',
    document(allow({ Action: 'DynamoDB:get*', Resource: '*' })),
    'dynamodb:GetItem',
    TABLE,
    {},
    'allowed',
  ],
  ['own prefix', ownPrefix, 's3:GetObject', 'arn:aws:s3:::b/t1/a/b.txt', tag('t1'), 'allowed'],
  ["another tenant's prefix", ownPrefix, 's3:GetObject', 'arn:aws:s3:::b/t2/a', tag('t1'), 'implicitDeny'],
  ['prefix with the tag *', ownPrefix, 's3:GetObject', 'arn:aws:s3:::b/t2/a', tag('*'), 'implicitDeny'],
  [
    'denied without TLS',
    secure,
    's3:GetObject',
    'arn:aws:s3:::b/x',
    { 'aws:SecureTransport': 'false' },
    'explicitDeny',
  ],
  ['allowed with TLS', secure, 's3:GetObject', 'arn:aws:s3:::b/x', { 'aws:SecureTransport': 'true' }, 'allowed'],
  ['NotAction', document(allow({ NotAction: 'iam:*', Resource: '*' })), 'sqs:SendMessage', QUEUE, {}, 'allowed'],
  [
    'NotAction hit',
    document(allow({ NotAction: 'sqs:*', Resource: '*' })),
    'sqs:SendMessage',
    QUEUE,
    {},
    'implicitDeny',
  ],
  [
    'NotResource hit',
    document(allow({ Action: 'sqs:*', NotResource: QUEUE })),
    'sqs:SendMessage',
    QUEUE,
    {},
    'implicitDeny',
  ],
  [
    'a wildcard stays within its part of the ARN',
    document(allow({ Action: 'sqs:*', Resource: 'arn:aws:sqs:*:q:q' })),
    'sqs:SendMessage',
    'arn:aws:sqs:a:b:q:q',
    {},
    'implicitDeny',
  ],
  send('IfExists, key absent', { StringEqualsIfExists: { 'aws:PrincipalTag/x': 'y' } }, {}, 'allowed'),
  send(
    'IfExists, key differs',
    { StringEqualsIfExists: { 'aws:PrincipalTag/x': 'y' } },
    { 'aws:PrincipalTag/x': 'z' },
    'implicitDeny',
  ),
  send('StringNotEquals, key absent', { StringNotEquals: { 'aws:PrincipalTag/x': 'y' } }, {}, 'allowed'),
  send('StringEquals takes * literally', { StringEquals: { k: '*' } }, { k: 'a' }, 'implicitDeny'),
  send('StringLike ?', { StringLike: { k: 'a?c' } }, { k: 'abc' }, 'allowed'),
  send('literal ${*}', { StringLike: { k: 'a${*}' } }, { k: 'ab' }, 'implicitDeny'),
  send('literal ${*} hit', { StringLike: { k: 'a${*}' } }, { k: 'a*' }, 'allowed'),
  send('default of a variable', { StringEquals: { k: "${aws:nobody, 'none'}" } }, { k: 'none' }, 'allowed'),
  send('EqualsIgnoreCase', { StringEqualsIgnoreCase: { k: 'A${v}' } }, { k: 'aXy', v: 'xY' }, 'allowed'),
  send('ForAnyValue, one hit', { 'ForAnyValue:StringEquals': { k: 'a' } }, { k: ['b', 'a'] }, 'allowed'),
  send('ForAnyValue, key absent', { 'ForAnyValue:StringEquals': { k: 'a' } }, {}, 'implicitDeny'),
  send('ForAllValues without Null lets an absent key in', { 'ForAllValues:StringEquals': { k: 'a' } }, {}, 'allowed'),
  send(
    'ForAllValues:StringNotEquals',
    { 'ForAllValues:StringNotEquals': { k: ['a'] } },
    { k: ['b', 'a'] },
    'implicitDeny',
  ),
  send('plain operator on several values', { StringEquals: { k: 'a' } }, { k: ['a', 'b'] }, 'implicitDeny'),
  send('names that differ by case add up', { StringEquals: { k: 'a' } }, { k: 'a', K: 'b' }, 'implicitDeny'),
  send('every condition must hold', { StringEquals: { k: 'a', l: 'b' } }, { k: 'a', l: 'c' }, 'implicitDeny'),
  send('NumericLessThan', { NumericLessThan: { k: 10 } }, { k: '9' }, 'allowed'),
  send('NumericLessThan, no number', { NumericLessThan: { k: 10 } }, { k: '' }, 'implicitDeny'),
  send('IpAddress', { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8'] } }, { 'aws:SourceIp': '10.1.2.3' }, 'allowed'),
  send(
    'IpAddress outside',
    { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8'] } },
    { 'aws:SourceIp': '11.1.2.3' },
    'implicitDeny',
  ),
  send(
    'NotIpAddress v6',
    { NotIpAddress: { 'aws:SourceIp': 'fd00::/8' } },
    { 'aws:SourceIp': 'fd00::1' },
    'implicitDeny',
  ),
  send(
    'date',
    { DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } },
    { 'aws:CurrentTime': '2026-11-23T00:00:00Z' },
    'allowed',
  ),
  send(
    'date passed',
    { DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } },
    { 'aws:CurrentTime': '2031-01-01T00:00:00Z' },
    'implicitDeny',
  ),
  send(
    'ArnLike',
    { ArnLike: { 'AWS:SourceArn': 'arn:aws:iot:*:123456789012:rule/*' } },
    { 'aws:SourceArn': 'arn:aws:iot:eu-central-1:123456789012:rule/r' },
    'allowed',
  ),
  send('ArnNotEquals', { ArnNotEquals: { 'aws:SourceArn': QUEUE } }, { 'aws:SourceArn': QUEUE }, 'implicitDeny'),
  [
    "the thing's own topic",
    publish,
    'iot:Publish',
    `${TOPICS}/dt/dev1/x`,
    { 'iot:Connection.Thing.ThingName': 'dev1' },
    'allowed',
  ],
  [
    "another thing's topic",
    publish,
    'iot:Publish',
    `${TOPICS}/dt/dev2/x`,
    { 'iot:Connection.Thing.ThingName': 'dev1' },
    'implicitDeny',
  ],
];

describe('a policy decides', () => {
  it.each(cases)('%s', (_, policy, action, resource, context, expected) => {
    const request = { action, resource, context: new RequestContext(context) };
    expect(evaluate([compilePolicy(policy, 'identity')], request)).toBe(expected);
  });

  it('a denial in one document wins over every other', () => {
    const denial = document({ Effect: 'Deny', Action: 'sqs:Send*', Resource: '*' });
    const policies = [queue(undefined), denial].map((policy) => compilePolicy(policy, 'identity'));
    const ask = (action: string) => evaluate(policies, { action, resource: QUEUE, context: new RequestContext({}) });
    expect([ask('sqs:SendMessage'), ask('sqs:ReceiveMessage')]).toEqual(['explicitDeny', 'allowed']);
  });

  it('a denial on a key with several values needs one of them only', () => {
    const policy = document(allow({ Action: '*', Resource: '*' }), {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { StringEquals: { k: 'bad' } },
    });
    const context = new RequestContext({ k: ['good', 'bad'] });
    expect(evaluate([compilePolicy(policy, 'identity')], { action: 'sqs:SendMessage', resource: QUEUE, context })).toBe(
      'explicitDeny',
    );
  });

  it('variables are plain text in documents of the old version', () => {
    const policy = { Version: '2008-10-17', Statement: ownPrefix.Statement };
    const request = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/t1/a', context: new RequestContext(tag('t1')) };
    expect(evaluate([compilePolicy(policy, 'identity')], request)).toBe('implicitDeny');
  });

  it('a pattern made to backtrack ends at once', () => {
    const policy = document(allow({ Action: 's3:GetObject', Resource: `arn:aws:s3:::${'*a'.repeat(30)}*b` }));
    const request = {
      action: 's3:GetObject',
      resource: `arn:aws:s3:::${'a'.repeat(5000)}`,
      context: new RequestContext({}),
    };
    const started = performance.now();
    expect(evaluate([compilePolicy(policy, 'identity')], request)).toBe('implicitDeny');
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('what IAM would refuse is refused when the document is read', () => {
  const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' };
  const condition = (operator: string, value: unknown) => ({ ...statement, Condition: { [operator]: { k: value } } });
  it.each([
    ['an unknown operator', condition('StringResembles', 'x'), /unknown condition operator StringResembles/],
    ['Null with IfExists', condition('NullIfExists', 'true'), /unknown condition operator/],
    ['Null with a set', condition('ForAllValues:Null', 'true'), /unknown condition operator/],
    ['a property of Object as operator', condition('constructor', 'x'), /unknown condition operator/],
    ['Null with another word', condition('Null', 'yes'), /Null wants true or false/],
    ['Bool with another word', condition('Bool', 'yes'), /neither true nor false/],
    ['a number that is none', condition('NumericEquals', 'ten'), /not a number/],
    ['an address that is none', condition('IpAddress', 'localhost'), /not an IP address/],
    ['a broken variable', condition('StringLike', '${aws:x, y}'), /policy variable/],
    ['a resource that is no ARN', { ...statement, Resource: 'Main' }, /must be an ARN/],
    ['an action without service', { ...statement, Action: 'SendMessage' }, /is not an action/],
    ['both Action and NotAction', { ...statement, NotAction: 'x:y' }, /either Action or NotAction/],
    ['no resource', { Effect: 'Allow', Action: 'sqs:*' }, /either Resource or NotResource/],
    ['a principal', { ...statement, Principal: '*' }, /can't name a Principal/],
    ['an unknown member', { ...statement, Conditions: {} }, /malformed/],
    ['another effect', { ...statement, Effect: 'Permit' }, /malformed/],
  ])('%s', (_, bad, message) => {
    expect(() => compilePolicy({ Version: '2012-10-17', Statement: [bad] }, 'identity')).toThrow(message);
  });

  it.each([
    ['no principal', statement, /either Principal or NotPrincipal/],
    ['a half wildcard', { ...statement, Principal: { AWS: 'arn:aws:iam::123456789012:role/*' } }, /invalid principal/],
    ['an unknown kind of principal', { ...statement, Principal: { Robot: 'x' } }, /unknown kind of principal/],
    ['Allow with NotPrincipal', { ...statement, NotPrincipal: { AWS: '123456789012' } }, /NotPrincipal/],
  ])('in a resource policy: %s', (_, bad, message) => {
    expect(() => compilePolicy({ Statement: [bad] }, 'resource')).toThrow(message);
  });
});
