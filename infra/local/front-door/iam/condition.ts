import { findOperator } from './operators.ts';
import type { RequestContext } from './request-context.ts';

export type Effect = 'Allow' | 'Deny';
export type ConditionTest = (context: RequestContext) => boolean;

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/** One key of one operator of a `Condition` block. Throws on an operator or value that IAM doesn't know. */
export function compileCondition(
  operator: string,
  key: string,
  expected: readonly string[],
  { effect, variables }: { effect: Effect; variables: boolean },
): ConditionTest {
  const [, set, name = '', ifExists] = OPERATOR.exec(operator) ?? [];
  if (name === 'Null' && !set && !ifExists) return compileNull(key, expected);
  const found = findOperator(name);
  if (!found) throw new Error(`unknown condition operator ${operator}`);

  const tests = expected.map((value) => found.compile(value, variables));
  const holds = (value: string, context: RequestContext): boolean =>
    tests.some((test) => test(value, context)) !== found.negated;
  const whenAbsent = ifExists !== undefined || set === 'ForAllValues' || (set === undefined && found.negated);
  // A key with several values wants a set operator. AWS leaves the plain one undefined; here it never helps the caller.
  const everyValue = set === 'ForAllValues' || (set === undefined && effect === 'Allow');

  return (context) => {
    const values = context.get(key);
    if (values === undefined) return whenAbsent;
    return everyValue ? values.every((v) => holds(v, context)) : values.some((v) => holds(v, context));
  };
}

function compileNull(key: string, expected: readonly string[]): ConditionTest {
  const wanted = expected.map((value) => value.toLowerCase());
  const odd = wanted.find((value) => value !== 'true' && value !== 'false');
  if (odd !== undefined) throw new Error(`Null wants true or false, not "${odd}"`);
  return (context) => wanted.includes(String(context.get(key) === undefined));
}
