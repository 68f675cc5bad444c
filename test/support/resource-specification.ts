/** Checks a template's resources against AWS's own resource specification: unknown, missing and mistyped properties. */
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType, SpecDatabase } from '@aws-cdk/service-spec-types';
import type { Template } from './synthesize.ts';

type Properties = Readonly<Record<string, Property>>;

const isIntrinsic = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const [name, ...others] = Object.keys(value);
  return others.length === 0 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'));
};

const show = (value: unknown) => JSON.stringify(value)?.slice(0, 60);

/** One line for each thing that CloudFormation would refuse. */
export async function violationsOf(templates: Readonly<Record<string, Template>>): Promise<string[]> {
  const spec = await loadAwsServiceSpec();
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
      const [known] = spec.lookup('resource', 'cloudFormationType', 'equals', Type);
      return known
        ? checkObject(spec, known.properties, Properties, `${stack}.${id}`)
        : [`${stack}.${id}: unknown type ${Type}`];
    }),
  );
}

function checkObject(spec: SpecDatabase, properties: Properties, value: unknown, path: string): string[] {
  if (isIntrinsic(value)) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${path}: not an object: ${show(value)}`];
  const given = value as Record<string, unknown>;
  const unknown = Object.keys(given)
    .filter((name) => !properties[name])
    .map((name) => `${path}.${name}: unknown property`);
  const wrong = Object.entries(properties).flatMap(([name, { type, required }]) => {
    if (given[name] === undefined) return required ? [`${path}.${name}: missing`] : [];
    return check(spec, type, given[name], `${path}.${name}`);
  });
  return [...unknown, ...wrong];
}

function check(spec: SpecDatabase, type: PropertyType, value: unknown, path: string): string[] {
  if (isIntrinsic(value)) return [];
  const not = (what: string, ok: boolean) => (ok ? [] : [`${path}: not ${what}: ${show(value)}`]);
  switch (type.type) {
    case 'string': {
      const allowed = 'allowedValues' in type ? type.allowedValues : undefined;
      if (allowed && typeof value === 'string') return not(`one of ${allowed.join(', ')}`, allowed.includes(value));
      return not('a string', typeof value === 'string');
    }
    case 'number':
    case 'integer':
      return not(
        'a number',
        typeof value === 'number' || (typeof value === 'string' && value !== '' && !Number.isNaN(Number(value))),
      );
    case 'boolean':
      return not('a boolean', typeof value === 'boolean' || value === 'true' || value === 'false');
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((one, i) => check(spec, type.element, one, `${path}[${i}]`))
        : not('a list', false);
    case 'map':
      return Object.entries(value as object).flatMap(([name, one]) =>
        check(spec, type.element, one, `${path}.${name}`),
      );
    case 'ref':
      return checkObject(spec, spec.get('typeDefinition', type.reference.$ref).properties, value, path);
    case 'union': {
      const tries = type.types.map((one) => check(spec, one, value, path));
      return tries.some((errors) => errors.length === 0) ? [] : (tries[0] ?? []);
    }
    default:
      return [];
  }
}
