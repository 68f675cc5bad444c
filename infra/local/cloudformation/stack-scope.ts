/** What names mean in one stack: pseudo parameters, parameters by their defaults, conditions, mappings, created resources. */
import { createHash } from 'node:crypto';
import type { Place, Provisioned } from '../contract.ts';
import { conditionReader } from './conditions.ts';
import { type Scope, TemplateError } from './intrinsics.ts';
import type { StackTemplate } from './template.ts';

export interface StackScope extends Scope {
  /** Whether `Ref` of this name means something without any resource. */
  hasConstant(name: string): boolean;
  /** Whether a resource or an output with this condition exists. */
  exists(condition: string | undefined): boolean;
}

export function stackScope(
  { name: stack, template }: StackTemplate,
  place: Place,
  created: ReadonlyMap<string, Provisioned>,
  exports: ReadonlyMap<string, unknown>,
): StackScope {
  const constants = new Map<string, unknown>([...pseudoParameters(stack, place), ...defaults(template.Parameters)]);
  const provisioned = (logicalId: string): Provisioned => {
    const found = created.get(logicalId);
    if (!found) throw new TemplateError(`there is no resource ${logicalId} in ${stack}`);
    return found;
  };
  const scope: Scope = {
    ref: (name) => (constants.has(name) ? constants.get(name) : provisioned(name).ref),
    attribute(logicalId, attribute) {
      const value = provisioned(logicalId).attributes[attribute];
      if (value === undefined) {
        const type = template.Resources[logicalId]?.Type;
        throw new TemplateError(`the laptop gives ${logicalId} (${type}) no attribute ${attribute}`);
      }
      return value;
    },
    importValue(name) {
      if (!exports.has(name)) throw new TemplateError(`no stack exports ${name}`);
      return exports.get(name);
    },
    condition: (name) => condition(name),
    mapping(map, key, second) {
      const value = template.Mappings[map]?.[key]?.[second];
      if (value === undefined) throw new TemplateError(`there is no mapping ${map}.${key}.${second}`);
      return value;
    },
  };
  const condition = conditionReader(template.Conditions, scope);
  return {
    ...scope,
    hasConstant: (name) => constants.has(name),
    exists: (name) => name === undefined || condition(name),
  };
}

function pseudoParameters(stack: string, { account, region }: Place): [string, unknown][] {
  return [
    ['AWS::AccountId', account],
    ['AWS::NoValue', undefined],
    ['AWS::Partition', 'aws'],
    ['AWS::Region', region],
    ['AWS::StackId', `arn:aws:cloudformation:${region}:${account}:stack/${stack}/${stackUuid(stack)}`],
    ['AWS::StackName', stack],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ];
}

/** The same at every boot: names are derived from it. */
function stackUuid(stack: string): string {
  const hex = createHash('sha256').update(stack).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** A parameter that wants a value from Parameter Store has none on the laptop: using it stops the boot. */
function defaults(parameters: StackTemplate['template']['Parameters']): [string, unknown][] {
  return Object.entries(parameters)
    .filter(([, { Type, Default }]) => Default !== undefined && !Type.startsWith('AWS::SSM::'))
    .map(([name, { Default }]) => [name, Default]);
}
