// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of CloudFormation and IAM are meant as they stand.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAssembly } from '../../../infra/local/cloudformation/assembly.ts';
import { providersByType } from '../../../infra/local/cloudformation/check.ts';
import { provision } from '../../../infra/local/cloudformation/provision.ts';
import { PLACE, stack, temporaryFolder, things, writeAssembly } from './fixture.ts';

const thing = (properties: object = {}, more: object = {}) => ({
  Type: 'Test::Thing',
  Properties: properties,
  ...more,
});

/** What a property of a resource becomes. */
async function resolved(value: unknown, sections: object = {}) {
  const { made, provider } = things();
  const resources = { Other: thing(), Subject: thing({ Value: value }) };
  await provision([stack({ ...sections, Resources: resources })], PLACE, providersByType([provider]));
  return made.find((resource) => resource.logicalId === 'Subject')?.properties.Value;
}

describe('functions of CloudFormation', () => {
  test.each<[string, unknown, unknown]>([
    ['Ref of a resource', { Ref: 'Other' }, 'Stack-Other'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-central-1'],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Other', 'Arn'] }, 'arn:test:Stack-Other'],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Other.Arn' }, 'arn:test:Stack-Other'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::AccountId' }, 1]] }, 'a-123456789012-1'],
    ['Fn::Select of Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['Fn::Sub', { 'Fn::Sub': 'x-${AWS::Partition}-${Other}-${Other.Arn}' }, 'x-aws-Stack-Other-arn:test:Stack-Other'],
    ['Fn::Sub with values', { 'Fn::Sub': ['${Mine}', { Mine: { Ref: 'Other' } }] }, 'Stack-Other'],
    ['Fn::Sub with a literal', { 'Fn::Sub': '${!aws:PrincipalTag/account}' }, '${aws:PrincipalTag/account}'],
    ['Fn::Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    ['a policy variable, untouched', 'A#${aws:PrincipalTag/account}#*', 'A#${aws:PrincipalTag/account}#*'],
    ['NoValue in a list', ['a', { Ref: 'AWS::NoValue' }], ['a']],
    ['NoValue in an object', { kept: 0, gone: { Ref: 'AWS::NoValue' } }, { kept: 0 }],
    ['falsy values', { zero: 0, no: false, empty: '' }, { zero: 0, no: false, empty: '' }],
  ])('%s', async (_, value, expected) => {
    expect(await resolved(value)).toEqual(expected);
  });

  test('parameters answer their default, mappings their entry', async () => {
    const sections = {
      Parameters: { Size: { Type: 'String', Default: 'small' } },
      Mappings: { Sizes: { small: { count: 3 } } },
    };
    expect(await resolved({ 'Fn::FindInMap': ['Sizes', { Ref: 'Size' }, 'count'] }, sections)).toBe(3);
  });

  test('conditions choose a value, and whether a resource exists', async () => {
    const { made, provider } = things();
    const Conditions = {
      Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-central-1'] },
      Elsewhere: { 'Fn::Not': [{ Condition: 'Here' }] },
      Both: { 'Fn::And': [{ Condition: 'Here' }, { Condition: 'Elsewhere' }] },
      Either: { 'Fn::Or': [{ Condition: 'Here' }, { Condition: 'Elsewhere' }] },
    };
    const Resources = {
      A: thing({ Value: { 'Fn::If': ['Both', 'both', { 'Fn::If': ['Either', 'either', 'none'] }] } }),
      B: thing({}, { Condition: 'Elsewhere' }),
      C: thing({}, { DependsOn: 'B' }),
    };
    await provision([stack({ Conditions, Resources })], PLACE, providersByType([provider]));
    expect(made.map(({ logicalId }) => logicalId).toSorted()).toEqual(['A', 'C']);
    expect(made.find(({ logicalId }) => logicalId === 'A')?.properties).toEqual({ Value: 'either' });
  });

  test.each<[string, unknown, RegExp]>([
    [
      'an attribute that the provider does not give',
      { 'Fn::GetAtt': ['Other', 'Url'] },
      /Other \(Test::Thing\) no attribute Url/,
    ],
    ['an export that nobody made', { 'Fn::ImportValue': 'nope' }, /no stack exports nope/],
    ['a selection out of range', { 'Fn::Select': [5, ['a']] }, /no element 5/],
    ['a mapping without the entry', { 'Fn::FindInMap': ['a', 'b', 'c'] }, /no mapping a\.b\.c/],
    ['a function that is not served', { 'Fn::Cidr': ['10.0.0.0/8', 1, 1] }, /Fn::Cidr is not served/],
  ])('%s names the resource and the reason', async (_, value, message) => {
    await expect(resolved(value)).rejects.toThrow(message);
    await expect(resolved(value)).rejects.toThrow(/Stack\/Subject \(Test::Thing\) can't be made/);
  });
});

describe('order', () => {
  test('references and DependsOn come first, whatever the order of the template', async () => {
    const { made, provider } = things();
    const Resources = {
      Last: thing({ Value: { 'Fn::Sub': '${Middle.Arn}' } }),
      Middle: thing({}, { DependsOn: ['First'] }),
      First: thing(),
    };
    await provision([stack({ Resources })], PLACE, providersByType([provider]));
    expect(made.map(({ logicalId }) => logicalId)).toEqual(['First', 'Middle', 'Last']);
  });

  test('a circle is refused by its members, and nothing is made', async () => {
    const { made, provider } = things();
    const Resources = {
      A: thing({ Value: { Ref: 'B' } }),
      B: thing({}, { DependsOn: 'C' }),
      C: thing({ Value: { Ref: 'A' } }),
    };
    await expect(provision([stack({ Resources })], PLACE, providersByType([provider]))).rejects.toThrow(
      'A → B → C → A',
    );
    expect(made).toEqual([]);
  });

  test('a failing provider stops the boot with the resource and its reason', async () => {
    const failing = { ...things().provider, create: () => Promise.reject(new Error('no disk')) };
    const boot = provision([stack({ Resources: { A: thing(), B: thing() } })], PLACE, providersByType([failing]));
    await expect(boot).rejects.toThrow("Stack/A (Test::Thing) can't be made: no disk");
  });
});

describe('an assembly', () => {
  test('stacks come after those that they depend on, and import what those export', async () => {
    const dir = temporaryFolder();
    writeAssembly(dir, {
      Service: {
        template: { Resources: { User: thing({ Value: { 'Fn::ImportValue': 'State:Table' } }) } },
        dependencies: ['State'],
      },
      State: {
        template: {
          Resources: { Table: thing() },
          Outputs: { TableArn: { Value: { 'Fn::GetAtt': ['Table', 'Arn'] }, Export: { Name: 'State:Table' } } },
        },
      },
    });
    const { made, provider } = things();
    const stacks = await readAssembly(dir);
    expect(stacks.map(({ name }) => name)).toEqual(['State', 'Service']);
    const { outputs } = await provision(stacks, PLACE, providersByType([provider]));
    expect(outputs.get('State')).toEqual({ TableArn: 'arn:test:State-Table' });
    expect(made.at(-1)?.properties).toEqual({ Value: 'arn:test:State-Table' });
  });

  test('the id of a stack is the same at every boot, and another for another stack', async () => {
    const id = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };
    expect(await resolved(id)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(await resolved(id)).toBe(await resolved(id));
  });

  test('a template that is no JSON, or has a section that is not served, is named', async () => {
    const dir = temporaryFolder();
    writeAssembly(dir, { State: { template: { Resources: {}, Transform: 'AWS::Serverless-2016-10-31' } } });
    await expect(readAssembly(dir)).rejects.toThrow(/State\.template\.json(.|\n)*Transform/);
    writeFileSync(path.join(dir, 'State.template.json'), '{');
    await expect(readAssembly(dir)).rejects.toThrow(/State\.template\.json/);
  });
});
