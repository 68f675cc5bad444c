/** The `Conditions` section: decided by parameters alone, before any resource exists. */
import { isRecord, resolve, type Scope, TemplateError } from './intrinsics.ts';

export function conditionReader(
  conditions: Readonly<Record<string, unknown>>,
  scope: Scope,
): (name: string) => boolean {
  const decided = new Map<string, boolean>();
  const open: string[] = [];

  const read = (name: string): boolean => {
    const known = decided.get(name);
    if (known !== undefined) return known;
    if (!Object.hasOwn(conditions, name)) throw new TemplateError(`there is no condition ${name}`);
    if (open.includes(name)) throw new TemplateError(`conditions in a circle: ${[...open, name].join(' → ')}`);
    open.push(name);
    const value = evaluate(conditions[name]);
    open.pop();
    decided.set(name, value);
    return value;
  };

  const evaluate = (expression: unknown): boolean => {
    const [entry] = isRecord(expression) ? Object.entries(expression) : [];
    const [name, argument] = entry ?? [];
    if (name === 'Condition') return read(String(argument));
    if (Array.isArray(argument)) {
      if (name === 'Fn::Equals') return resolve(argument[0], scope) === resolve(argument[1], scope);
      if (name === 'Fn::Not') return !evaluate(argument[0]);
      if (name === 'Fn::And') return argument.every(evaluate);
      if (name === 'Fn::Or') return argument.some(evaluate);
    }
    throw new TemplateError(`the condition ${JSON.stringify(expression)} is not served`);
  };
  return read;
}
