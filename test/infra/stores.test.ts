/**
 * The store registry against what there is: each resource that can hold data, and each family of partition keys, stands in it once,
 * and it names nothing else. So no store is ever added without a word on whether exports hold it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { STORES } from '../../shared/archive/store-registry.ts';
import { ROOT } from '../support/host.ts';
import { type Synthesis, synthesize } from '../support/synthesize.ts';
import { renderer, WITH_PATHS } from '../support/template-text.ts';

/** These hold nothing of a customer’s; every other type is a store until somebody writes it here. */
const STATELESS = new Set(
  [
    'ApiGatewayV2::Api',
    'ApiGatewayV2::Authorizer',
    'ApiGatewayV2::Integration',
    'ApiGatewayV2::Route',
    'ApiGatewayV2::Stage',
    'CloudWatch::Alarm',
    'CloudWatch::Dashboard',
    'Cognito::ManagedLoginBranding',
    'Cognito::UserPoolClient',
    'Cognito::UserPoolDomain',
    'Cognito::UserPoolResourceServer',
    'IAM::Policy',
    'IAM::Role',
    'IoT::DomainConfiguration',
    'IoT::Policy',
    'IoT::TopicRule',
    'Lambda::EventInvokeConfig',
    'Lambda::EventSourceMapping',
    'Lambda::Function',
    'Lambda::Permission',
    'Lambda::Version',
    'S3::BucketPolicy',
    'SNS::Topic',
    'SNS::TopicPolicy',
    'SQS::QueuePolicy',
    'Scheduler::Schedule',
    'Scheduler::ScheduleGroup',
  ].map((type) => `AWS::${type}`),
);

const RESOURCES = [...new Set(STORES.flatMap(({ resource }) => resource ?? []))];
const isNamedBy = (pattern: string, name: string) =>
  pattern.startsWith('*/') ? name.endsWith(pattern.slice(1)) : name === pattern;

describe('resources that can hold data', () => {
  let prod: Synthesis;
  beforeAll(() => {
    prod = synthesize({ stage: 'prod', ...WITH_PATHS });
  });

  const stores = () => {
    const { named } = renderer(prod);
    return Object.entries(prod.templates).flatMap(([stack, { Resources }]) =>
      Object.entries(Resources)
        .filter(([, { Type }]) => !STATELESS.has(Type))
        .map(([id, { Type }]) => ({ type: Type, name: named(stack, id) })),
    );
  };

  it('are each named by the registry, once', () => {
    const strange = stores()
      .map(({ type, name }) => ({ type, name, by: RESOURCES.filter((pattern) => isNamedBy(pattern, name)) }))
      .filter(({ by }) => by.length !== 1);
    expect(strange).toEqual([]);
  });

  it('are all that the registry names', () => {
    const names = stores().map(({ name }) => name);
    expect(names.length).toBeGreaterThan(40);
    expect(RESOURCES.filter((pattern) => !names.some((name) => isNamedBy(pattern, name)))).toEqual([]);
  });

  it('are of every type but those that are known to hold nothing', () => {
    const types = new Set(
      Object.values(prod.templates)
        .flatMap(({ Resources }) => Object.values(Resources))
        .map(({ Type }) => Type),
    );
    expect([...types].filter((type) => !STATELESS.has(type)).toSorted()).toEqual([
      'AWS::Cognito::UserPool',
      'AWS::DynamoDB::GlobalTable',
      'AWS::KMS::Key',
      'AWS::Logs::LogGroup',
      'AWS::S3::Bucket',
      'AWS::SQS::Queue',
    ]);
    expect([...STATELESS].filter((type) => !types.has(type))).toEqual([]);
  });
});

/** `A#{account}#P#{product}#DEVICES` in the table of a header comment, as the registry writes it. */
const HEADER_FAMILY = /^ \* \| `(A#\{account\}#[^`]+)`/gm;
const SHARED = path.join(ROOT, 'shared');

function familiesInHeaders(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of readdirSync(SHARED, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('-keys.ts')) continue;
    for (const [, family = ''] of readFileSync(path.join(SHARED, file), 'utf8').matchAll(HEADER_FAMILY)) {
      const pattern = family.replaceAll(/\{[^}]+\}/g, '*');
      found.set(pattern, (found.get(pattern) ?? new Set()).add(file));
    }
  }
  return found;
}

describe('families of partition keys', () => {
  const registered = STORES.flatMap(({ name, keys = [] }) => keys.map((family) => ({ name, family })));

  it('are each named by the registry, once', () => {
    const strange = [...familiesInHeaders()]
      .map(([family, files]) => ({
        family,
        files: [...files],
        by: registered.filter((one) => one.family === family).map(({ name }) => name),
      }))
      .filter(({ by }) => by.length !== 1);
    expect(strange).toEqual([]);
  });

  it('are all that the registry names', () => {
    const families = familiesInHeaders();
    expect(families.size).toBeGreaterThan(25);
    expect(registered.filter(({ family }) => !families.has(family))).toEqual([]);
  });

  it('are written in the header of each file that builds keys', () => {
    const withoutTable = readdirSync(SHARED, { recursive: true, encoding: 'utf8' }).filter((file) => {
      const text = file.endsWith('.ts') ? readFileSync(path.join(SHARED, file), 'utf8') : '';
      return text.includes('`A#${') && !text.match(HEADER_FAMILY);
    });
    expect(withoutTable).toEqual([]);
  });

  it('stand in tables that hold rows of accounts', () => {
    const withKeys = new Set(STORES.flatMap(({ resource, keys }) => (keys ? [resource] : [])));
    expect([...withKeys]).toEqual(['Tables/Entities', 'Tables/Readings', 'Tables/Audit', 'Tables/Keyring']);
  });
});
