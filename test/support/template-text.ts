/**
 * Template values as text that a person can compare: references name the construct instead of a logical id, exports are followed
 * to what they export, and joins are joined. `<Tables/Entities.Arn>` is the ARN of the entity table, wherever it is asked for.
 */
import type { Synthesis } from './synthesize.ts';

/** Makes the app tell where the construct of each resource stands: without it, nothing here has a name. */
export const WITH_PATHS = { 'aws:cdk:enable-path-metadata': true };

const PSEUDO = /^AWS::/;

/** Answers texts as they are, references as `<construct>` or `<construct.attribute>`; lists and objects keep their form. */
export function renderer({ templates }: Synthesis) {
  const exports = new Map(
    Object.entries(templates).flatMap(([stack, { Outputs }]) =>
      Object.values(Outputs).map(({ Export, Value }) => [Object(Export).Name, { stack, value: Value }] as const),
    ),
  );

  /** Without the stack and CDK's own `Resource`: `Tables/Entities`. */
  function named(stack: string, logicalId: string): string {
    const path = templates[stack]?.Resources[logicalId]?.Metadata?.['aws:cdk:path'];
    if (typeof path !== 'string') throw new Error(`${stack} has no ${logicalId} with a path`);
    return path.replace(/^[^/]+\/|\/Resource$/g, '');
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
  return { named, render };
}
