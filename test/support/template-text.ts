/**
 * Template values as text that a person can compare: references name the construct instead of a logical id, exports are followed
 * to what they export, and joins are joined. `<Tables/Entities.Arn>` is the ARN of the entity table, wherever it is asked for.
 */
import type { Assembly } from './assembly.ts';

const PSEUDO = /^AWS::/;

/** Answers texts as they are, references as `<construct>` or `<construct.attribute>`; lists and objects keep their form. */
export function renderer({ resources, templates }: Assembly) {
  const exports = new Map(
    [...templates].flatMap(([stack, { Outputs }]) =>
      Object.values(Outputs).map(({ Export, Value }) => [Export?.Name, { stack, value: Value }] as const),
    ),
  );

  function named(stack: string, logicalId: string): string {
    const found = resources.find((resource) => resource.stack === stack && resource.logicalId === logicalId);
    if (!found) throw new Error(`${stack} has no ${logicalId}`);
    return found.path;
  }

  function reference(stack: string, name: string, argument: unknown): string {
    switch (name) {
      case 'Ref':
        return PSEUDO.test(String(argument)) ? `<${argument}>` : `<${named(stack, String(argument))}>`;
      case 'Fn::GetAtt': {
        const [id, attribute] = argument as [string, string];
        return `<${named(stack, id)}.${attribute}>`;
      }
      case 'Fn::ImportValue': {
        const from = exports.get(String(argument));
        if (!from) throw new Error(`Nothing exports ${argument}`);
        return String(render(from.stack, from.value));
      }
      case 'Fn::Join': {
        const [separator, parts] = argument as [string, unknown[]];
        return parts.map((part) => render(stack, part)).join(separator);
      }
      case 'Fn::Select': {
        const [index, list] = argument as [number, unknown];
        return `<${index} of ${render(stack, list)}>`;
      }
      case 'Fn::Split': {
        const [separator, text] = argument as [string, unknown];
        return `${render(stack, text)} split at ${separator}`;
      }
      default:
        throw new Error(`${name} is not known here`);
    }
  }

  function render(stack: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => render(stack, item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (first && entries.length === 1 && /^(Ref$|Fn::)/.test(first[0])) return reference(stack, ...first);
    return Object.fromEntries(entries.map(([key, item]) => [key, render(stack, item)]));
  }
  return render;
}
