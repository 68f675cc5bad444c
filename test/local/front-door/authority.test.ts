import { describe, expect, it } from 'vitest';
import type { Demand, PolicyDocument, PolicyStatement, Principal } from '../../../infra/local/contract.ts';
import { AwsError } from '../../../infra/local/contract.ts';
import { createAuthority, sessionPrincipal } from '../../../infra/local/front-door/authority.ts';
import { allow, LAMBDA, place, roleArn, TestClock, trust } from './door.ts';

const QUEUE = `arn:aws:sqs:${place.region}:${place.account}:q`;
const KEY = `arn:aws:kms:${place.region}:${place.account}:key/k`;
const RULE = `arn:aws:iot:${place.region}:${place.account}:rule/r`;

/** Does a role with `identity` get through to `resource`, whose own policy is `resourcePolicy`? */
function ask(
  identity: PolicyDocument | undefined,
  resourcePolicy: PolicyDocument | undefined,
  { resource = QUEUE, action = 'sqs:SendMessage', context = {}, sessionPolicy, principal }: Asked = {},
): string {
  const resourcePolicies = (arn: string) => (resourcePolicy && arn === resource ? [resourcePolicy] : []);
  const authority = createAuthority({ place, clock: new TestClock(), resourcePolicies });
  authority.roles.put({ arn: roleArn('R'), trust: LAMBDA, policies: identity ? { identity } : {} });
  const caller =
    principal ?? sessionPrincipal(authority.roles, place, roleArn('R'), 's', sessionPolicy ? { sessionPolicy } : {});
  try {
    authority.authorize(caller, [{ action, resource, context }]);
    return 'allowed';
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return /(with an explicit deny in|because no) .*policy/.exec(error.message)?.[0] ?? error.message;
  }
}
interface Asked {
  resource?: string;
  action?: string;
  context?: Demand['context'];
  sessionPolicy?: PolicyDocument;
  principal?: Principal;
}

const any = allow({ Action: '*', Resource: '*' });
const grant = (Principal: PolicyStatement['Principal'], more: Partial<PolicyStatement> = {}): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: Principal ?? '*', Action: '*', Resource: '*', ...more }],
});
const SESSION = `arn:aws:sts::${place.account}:assumed-role/R/s`;
const ROOT = `arn:aws:iam::${place.account}:root`;
const kms = { resource: KEY, action: 'kms:Decrypt' };
const iot: Principal = { kind: 'service', service: 'iot.amazonaws.com', sourceArn: RULE };
const NO_IDENTITY = 'because no identity-based policy';
const NO_RESOURCE = 'because no resource-based policy';
const DENIED = 'with an explicit deny in a resource-based policy';

describe('identity, resource and session policies together', () => {
  it.each<[string, string, string]>([
    ['nothing allows', ask(undefined, undefined), NO_IDENTITY],
    ['the role allows', ask(any, undefined), 'allowed'],
    ['the queue names the role', ask(undefined, grant({ AWS: roleArn('R') })), 'allowed'],
    ['the queue names another role', ask(undefined, grant({ AWS: roleArn('S') })), NO_IDENTITY],
    ['the queue names everybody', ask(undefined, grant('*')), 'allowed'],
    ['the queue names the account, which only delegates', ask(undefined, grant({ AWS: ROOT })), NO_IDENTITY],
    ['the queue denies the role', ask(any, grant({ AWS: roleArn('R') }, { Effect: 'Deny' })), DENIED],
    ['the queue denies the account', ask(any, grant({ AWS: place.account }, { Effect: 'Deny' })), DENIED],
    [
      'the session policy is silent',
      ask(any, undefined, { sessionPolicy: allow({ Action: 'x:y', Resource: '*' }) }),
      'because no session policy',
    ],
    [
      'a silent session policy narrows what the role was granted',
      ask(undefined, grant({ AWS: roleArn('R') }), { sessionPolicy: allow({ Action: 'x:y', Resource: '*' }) }),
      'because no session policy',
    ],
    [
      'but not what this session was granted',
      ask(undefined, grant({ AWS: SESSION }), { sessionPolicy: allow({ Action: 'x:y', Resource: '*' }) }),
      'allowed',
    ],
    ['key: the role allows, the key is silent', ask(any, undefined, kms), NO_RESOURCE],
    ['key: the role allows, the key names another', ask(any, grant({ AWS: roleArn('S') }), kms), NO_RESOURCE],
    ['key: it names the role', ask(undefined, grant({ AWS: roleArn('R') }), kms), 'allowed'],
    ['key: it delegates, the role allows', ask(any, grant({ AWS: ROOT }), kms), 'allowed'],
    ['key: it delegates, the role is silent', ask(undefined, grant({ AWS: ROOT }), kms), NO_IDENTITY],
    ['a service has no policies of its own', ask(any, undefined, { principal: iot }), NO_RESOURCE],
    [
      'a service that the queue names',
      ask(undefined, grant({ Service: 'iot.amazonaws.com' }), { principal: iot }),
      'allowed',
    ],
    ['another service', ask(undefined, grant({ Service: 'sns.amazonaws.com' }), { principal: iot }), NO_RESOURCE],
    ['a service is not the account', ask(undefined, grant({ AWS: ROOT }), { principal: iot }), NO_RESOURCE],
  ])('%s', (_, actual, expected) => expect(actual).toBe(expected));
});

describe('keys of the request that the host knows by itself', () => {
  const when = (Condition: PolicyStatement['Condition'], asked: Asked = {}) =>
    ask(undefined, grant('*', { ...(Condition && { Condition }) }), asked);
  it.each<[string, string]>([
    ['TLS', when({ Bool: { 'aws:SecureTransport': 'true' } })],
    ['region', when({ StringEquals: { 'aws:RequestedRegion': place.region } })],
    ['the role, not the session', when({ ArnEquals: { 'aws:PrincipalArn': roleArn('R') } })],
    ['account of the caller', when({ StringEquals: { 'aws:PrincipalAccount': place.account } })],
    ['account of the resource', when({ StringEquals: { 'aws:ResourceAccount': place.account } })],
    ['time', when({ DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } })],
    ['the source of a service', when({ ArnLike: { 'AWS:SourceArn': RULE } }, { principal: iot })],
    ['the account of that source', when({ StringEquals: { 'aws:SourceAccount': place.account } }, { principal: iot })],
    ['no source for a session', when({ Null: { 'aws:SourceArn': 'true' } })],
    [
      'a caller can not say who it is',
      when({ StringEquals: { 'aws:PrincipalAccount': place.account } }, { context: { 'AWS:PrincipalAccount': 'x' } }),
    ],
  ])('%s', (_, actual) => expect(actual).toBe('allowed'));
});

describe('roles', () => {
  it('give a session to the service that they trust, and to no other', () => {
    const authority = createAuthority({ place, clock: new TestClock() });
    authority.roles.put({ arn: roleArn('R'), trust: LAMBDA, tags: { team: 'a' } });
    expect(authority.assume(roleArn('R'), 'lambda.amazonaws.com', 'fn')).toEqual({
      kind: 'session',
      roleArn: roleArn('R'),
      arn: `arn:aws:sts::${place.account}:assumed-role/R/fn`,
      tags: { team: 'a' },
    });
    for (const attempt of [
      () => authority.assume(roleArn('R'), 'iot.amazonaws.com', 'rule'),
      () => authority.issueSession(roleArn('R'), 'iot.amazonaws.com', 'rule'),
      () => authority.assume(roleArn('Nobody'), 'lambda.amazonaws.com', 'fn'),
    ])
      expect(attempt).toThrow(/^Service: \S+ is not authorized to perform: sts:AssumeRole/);
  });

  it('can ask for the source of the service', () => {
    const authority = createAuthority({ place, clock: new TestClock() });
    const Condition = { ArnEquals: { 'aws:SourceArn': RULE } };
    const trustRule = allow({ Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole', Condition });
    authority.roles.put({ arn: roleArn('R'), trust: trustRule });
    authority.assume(roleArn('R'), 'iot.amazonaws.com', 'rule', RULE);
    expect(() => authority.assume(roleArn('R'), 'iot.amazonaws.com', 'rule', QUEUE)).toThrow(/not authorized/);
  });

  it('gain what is attached later, with sessions that are open already', () => {
    const authority = createAuthority({ place, clock: new TestClock() });
    authority.roles.put({ arn: roleArn('R'), trust: trust({ Service: 'lambda.amazonaws.com' }) });
    const caller = authority.assume(roleArn('R'), 'lambda.amazonaws.com', 'fn');
    const demands = [{ action: 'sqs:SendMessage', resource: QUEUE }];
    expect(() => authority.authorize(caller, demands)).toThrow(/not authorized/);
    authority.roles.attach('R', 'p', any);
    authority.authorize(caller, demands);
    expect(() => authority.roles.attach('Nobody', 'p', any)).toThrow(/no role Nobody/);
  });

  it('every demand of a call must be allowed', () => {
    const authority = createAuthority({ place, clock: new TestClock() });
    authority.roles.put({
      arn: roleArn('R'),
      trust: LAMBDA,
      policies: { p: allow({ Action: 'sqs:Send*', Resource: '*' }) },
    });
    const caller = authority.assume(roleArn('R'), 'lambda.amazonaws.com', 'fn');
    const demand = (action: string) => ({ action, resource: QUEUE });
    authority.authorize(caller, [demand('sqs:SendMessage')]);
    const both = [demand('sqs:SendMessage'), demand('sqs:ReceiveMessage')];
    expect(() => authority.authorize(caller, both)).toThrow(/sqs:ReceiveMessage/);
  });
});
