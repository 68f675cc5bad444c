/**
 * Strings of a policy: literals, the wildcards `*` and `?`, and variables (`${aws:PrincipalTag/account}`,
 * `${aws:username, 'nobody'}`, the literals `${*}`, `${?}`, `${$}`).
 *
 * A variable's value is put in after the wildcards were read, so a tag of value `*` is a star and never a wildcard.
 * The matcher is a plain two-pointer walk: no pattern of a template can make it slow, as regular expressions could.
 */
const ANY_ONE = Symbol('?');
const ANY_MANY = Symbol('*');
type Part = string | typeof ANY_ONE | typeof ANY_MANY;
type Token = Part | { readonly variable: string; readonly fallback: string | undefined };

/** Where variables find their values: the request's context. */
export interface VariableSource {
  get(key: string): readonly string[] | undefined;
}

export interface Pattern {
  readonly tokens: readonly Token[];
  /** What it is, where it has neither wildcards nor variables: most have none, and every request meets dozens of them. */
  readonly literal: string | undefined;
}

export interface PatternOptions {
  readonly wildcards: boolean;
  /** Only documents of version 2012-10-17 know variables. */
  readonly variables: boolean;
}

const TOKEN = /\$\{([^}]*)\}|[*?]|[^*?$]+|\$/g;

export function compilePattern(text: string, { wildcards, variables }: PatternOptions): Pattern {
  const tokens = [...text.matchAll(TOKEN)].map(([whole, expression]): Token => {
    if (expression !== undefined) return variables ? variableToken(expression) : whole;
    if (wildcards && whole === '*') return ANY_MANY;
    if (wildcards && whole === '?') return ANY_ONE;
    return whole;
  });
  const isLiteral = tokens.every((token) => typeof token === 'string');
  return { tokens, literal: isLiteral ? tokens.join('') : undefined };
}

function variableToken(expression: string): Token {
  if (expression === '*' || expression === '?' || expression === '$') return expression;
  const parsed = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(expression);
  if (!parsed?.[1]) throw new Error(`can't read the policy variable \${${expression}}`);
  return { variable: parsed[1], fallback: parsed[2] };
}

/** False too when a variable has no value, or several: AWS then matches nothing. */
export function matches(pattern: Pattern, text: string, context: VariableSource): boolean {
  if (pattern.literal !== undefined) return text === pattern.literal;
  const parts = resolve(pattern, context);
  return parts !== undefined && matchParts(parts, text);
}

function resolve(pattern: Pattern, context: VariableSource): Part[] | undefined {
  const parts: Part[] = [];
  for (const token of pattern.tokens) {
    if (typeof token !== 'object') {
      if (typeof token === 'string') parts.push(...token);
      else parts.push(token);
      continue;
    }
    const values = context.get(token.variable);
    const value = values === undefined ? token.fallback : values.length === 1 ? values[0] : undefined;
    if (value === undefined) return undefined;
    parts.push(...value);
  }
  return parts;
}

function matchParts(parts: readonly Part[], text: string): boolean {
  const characters = [...text];
  let at = 0;
  let part = 0;
  let star = -1;
  let retryAt = 0;
  while (at < characters.length) {
    const expected = parts[part];
    if (expected === ANY_MANY) {
      star = part++;
      retryAt = at;
    } else if (expected === ANY_ONE || (expected !== undefined && expected === characters[at])) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1;
      at = ++retryAt;
    } else return false;
  }
  while (parts[part] === ANY_MANY) part++;
  return part === parts.length;
}
