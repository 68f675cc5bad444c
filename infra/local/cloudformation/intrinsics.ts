/** CloudFormation's functions. What isn't listed here is an error, never passed through. */

/** What names mean in one stack. Each throws for a name that it doesn't know. */
export interface Scope {
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  importValue(name: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, key: string, second: string): unknown;
}

export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** `[name, argument]` if the value is a call of a function: an object with that one key. */
export function intrinsicOf(value: unknown): readonly [string, unknown] | undefined {
  if (!isRecord(value)) return undefined;
  const [entry, ...others] = Object.entries(value);
  return entry && others.length === 0 && (entry[0] === 'Ref' || entry[0].startsWith('Fn::')) ? entry : undefined;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value with its functions replaced by what they answer; `AWS::NoValue` takes its key or its list element away. */
export function resolve(value: unknown, scope: Scope): unknown {
  const call = intrinsicOf(value);
  if (call) return apply(call[0], call[1], scope);
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== undefined);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

type Implementation = (argument: unknown, scope: Scope) => unknown;

const FUNCTIONS: Readonly<Record<string, Implementation>> = {
  Ref: (name, scope) => scope.ref(text(name)),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...attribute] = typeof argument === 'string' ? argument.split('.') : list(argument);
    return scope.attribute(text(logicalId), attribute.map((part) => text(resolve(part, scope))).join('.'));
  },
  'Fn::Join': (argument, scope) => {
    const [delimiter, items] = list(argument);
    return list(resolve(items, scope)).map(text).join(text(delimiter));
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = list(argument);
    const found = list(resolve(items, scope))[Number(resolve(index, scope))];
    if (found === undefined) throw new TemplateError(`Fn::Select has no element ${JSON.stringify(index)}`);
    return found;
  },
  'Fn::Split': (argument, scope) => {
    const [delimiter, source] = list(argument);
    return text(resolve(source, scope)).split(text(delimiter));
  },
  'Fn::Sub': (argument, scope) => {
    const [pattern, values] = typeof argument === 'string' ? [argument, {}] : list(argument);
    return text(pattern).replace(SUBSTITUTION, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (isRecord(values) && name in values) return text(resolve(values[name], scope));
      const [logicalId, ...attribute] = name.split('.');
      return text(attribute.length ? scope.attribute(logicalId!, attribute.join('.')) : scope.ref(name));
    });
  },
  'Fn::Base64': (argument, scope) => Buffer.from(text(resolve(argument, scope))).toString('base64'),
  'Fn::If': (argument, scope) => {
    const [name, whenTrue, whenFalse] = list(argument);
    return resolve(scope.condition(text(name)) ? whenTrue : whenFalse, scope);
  },
  'Fn::ImportValue': (argument, scope) => scope.importValue(text(resolve(argument, scope))),
  'Fn::FindInMap': (argument, scope) => {
    const [map, key, second] = list(argument).map((part) => text(resolve(part, scope)));
    return scope.mapping(map!, key!, second!);
  },
};

const SUBSTITUTION = /\$\{([^}]+)\}/g;

/** Names in a `Fn::Sub` pattern, its own literals (`${!x}`) and values excluded. */
export function substituted(argument: unknown): string[] {
  const [pattern, values] = Array.isArray(argument) ? argument : [argument, {}];
  return [...text(pattern).matchAll(SUBSTITUTION)]
    .map((match) => match[1]!)
    .filter((name) => !name.startsWith('!') && !(isRecord(values) && name in values));
}

export const isKnown = (name: string): boolean => Object.hasOwn(FUNCTIONS, name);

function apply(name: string, argument: unknown, scope: Scope): unknown {
  if (!isKnown(name)) throw new TemplateError(`the function ${name} is not served`);
  return FUNCTIONS[name]!(argument, scope);
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateError(`expected text, found ${JSON.stringify(value)}`);
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`expected a list, found ${JSON.stringify(value)}`);
}
