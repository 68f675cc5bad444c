import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../../infra/local/front-door/authority.ts';
import { iamProviders } from '../../../infra/local/front-door/iam-providers.ts';
import { allow, LAMBDA, place, TestClock } from './door.ts';

const MANAGED = 'arn:aws:iam::aws:policy/service-role/';

function provision() {
  const authority = createAuthority({ place, clock: new TestClock() });
  const providers = new Map(iamProviders(authority, place).map((provider) => [provider.type, provider]));
  const create = async (kind: string, logicalId: string, properties: Record<string, unknown>) => {
    const provider = providers.get(`AWS::IAM::${kind}`);
    if (!provider) throw new Error(`no provider for ${kind}`);
    return provider.create({ stack: 'Service', logicalId, type: provider.type, properties, metadata: {} });
  };
  const may = (roleArn: unknown, action: string) => {
    const caller = authority.assume(String(roleArn), 'lambda.amazonaws.com', 'fn');
    try {
      authority.authorize(caller, [{ action, resource: '*' }]);
      return true;
    } catch {
      return false;
    }
  };
  return { authority, create, may };
}

const role = (more: Record<string, unknown> = {}) => ({ AssumeRolePolicyDocument: LAMBDA, ...more });
const mayDo = (Action: string) => allow({ Action, Resource: '*' });

describe('IAM resources of a template', () => {
  it('a role has the same name at every boot, and the rights of its policies', async () => {
    const { create, may } = provision();
    const Policies = [{ PolicyName: 'inline', PolicyDocument: mayDo('a:Do') }];
    const { ref, attributes } = await create('Role', 'FnRole', role({ Policies }));
    expect(ref).toBe('Service-FnRole');
    expect(attributes.Arn).toBe(`arn:aws:iam::${place.account}:role/Service-FnRole`);
    expect([may(attributes.Arn, 'a:Do'), may(attributes.Arn, 'a:Other')]).toEqual([true, false]);
    expect(await provision().create('Role', 'FnRole', role())).toEqual({ ref, attributes });
  });

  it('names of 64 characters at most stay distinct', async () => {
    const { create } = provision();
    const refs = await Promise.all(['A', 'B'].map((end) => create('Role', `${'x'.repeat(80)}${end}`, role())));
    expect(new Set(refs.map(({ ref }) => ref)).size).toBe(2);
    expect(refs.every(({ ref }) => ref.length === 64)).toBe(true);
  });

  it('a policy comes after its role, and two policies add up', async () => {
    const { create, may } = provision();
    const { ref, attributes } = await create('Role', 'FnRole', role());
    await create('Policy', 'P1', { PolicyName: 'P1', PolicyDocument: mayDo('a:Do'), Roles: [ref] });
    await create('Policy', 'P2', { PolicyName: 'P2', PolicyDocument: mayDo('b:Do'), Roles: [ref] });
    expect([may(attributes.Arn, 'a:Do'), may(attributes.Arn, 'b:Do')]).toEqual([true, true]);
  });

  it('managed policies: of the template, from either side', async () => {
    const { create, may } = provision();
    const { ref: policyArn } = await create('ManagedPolicy', 'M', { PolicyDocument: mayDo('a:Do') });
    const named = await create('Role', 'R1', role({ ManagedPolicyArns: [policyArn], Path: '/x/', RoleName: 'One' }));
    expect(named.attributes.Arn).toBe(`arn:aws:iam::${place.account}:role/x/One`);
    const other = await create('Role', 'R2', role());
    await create('ManagedPolicy', 'N', { PolicyDocument: mayDo('b:Do'), Roles: [other.ref] });
    expect([may(named.attributes.Arn, 'a:Do'), may(named.attributes.Arn, 'b:Do')]).toEqual([true, false]);
    expect([may(other.attributes.Arn, 'a:Do'), may(other.attributes.Arn, 'b:Do')]).toEqual([false, true]);
  });

  it("AWS's own for functions are known", async () => {
    const { create, may } = provision();
    const names = ['AWSLambdaBasicExecutionRole', 'AWSLambdaBasicDurableExecutionRolePolicy'];
    const ManagedPolicyArns = names.map((name) => MANAGED + name);
    const { attributes } = await create('Role', 'FnRole', role({ ManagedPolicyArns }));
    const actions = ['logs:PutLogEvents', 'lambda:CheckpointDurableExecution', 'dynamodb:GetItem'];
    expect(actions.map((action) => may(attributes.Arn, action))).toEqual([true, true, false]);
  });

  it.each([
    ['an unknown policy of AWS', role({ ManagedPolicyArns: [`${MANAGED}AmazonSuperPowers`] }), /AmazonSuperPowers/],
    [
      'a managed policy that is nowhere',
      role({ ManagedPolicyArns: [`arn:aws:iam::${place.account}:policy/X`] }),
      /no managed policy/,
    ],
    [
      'an unknown operator in trust',
      { AssumeRolePolicyDocument: allow({ Principal: '*', Action: 'sts:AssumeRole', Condition: { Odd: { a: 'b' } } }) },
      /unknown condition operator Odd/,
    ],
    ['a session of a day', role({ MaxSessionDuration: 86_400 }), /MaxSessionDuration/],
  ])('%s stops the boot', async (_, properties, message) => {
    await expect(provision().create('Role', 'R', properties)).rejects.toThrow(message);
  });
});
