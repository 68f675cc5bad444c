/** What a value of a template points at, without resolving it: for the order of creation, and for the check before it. */
import { intrinsicOf, isKnown, isRecord, substituted } from './intrinsics.ts';

export interface References {
  /** Names of `Ref` and `Fn::Sub`: resources, parameters, pseudo parameters. */
  readonly names: ReadonlySet<string>;
  /** Resources whose attributes are read. */
  readonly owners: ReadonlySet<string>;
  readonly unknownFunctions: ReadonlySet<string>;
}

export function referencesOf(value: unknown): References {
  const names = new Set<string>();
  const owners = new Set<string>();
  const unknownFunctions = new Set<string>();

  const walk = (part: unknown): void => {
    const call = intrinsicOf(part);
    if (call) walkCall(...call);
    else if (Array.isArray(part)) for (const item of part) walk(item);
    else if (isRecord(part)) for (const item of Object.values(part)) walk(item);
  };
  const walkCall = (name: string, argument: unknown): void => {
    if (!isKnown(name)) unknownFunctions.add(name);
    if (name === 'Ref') {
      names.add(String(argument));
    } else if (name === 'Fn::GetAtt') {
      const [owner, ...attribute] =
        typeof argument === 'string' ? argument.split('.') : Array.isArray(argument) ? argument : [];
      owners.add(String(owner));
      walk(attribute);
    } else {
      if (name === 'Fn::Sub') {
        for (const used of substituted(argument)) {
          const [owner, attribute] = used.split('.');
          if (attribute === undefined) names.add(used);
          else owners.add(owner!);
        }
      }
      walk(argument);
    }
  };
  walk(value);
  return { names, owners, unknownFunctions };
}
