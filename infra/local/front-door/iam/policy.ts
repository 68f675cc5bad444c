/**
 * Reads a policy document into tests. Whatever IAM would refuse, or this evaluator doesn't know, is an error here, at load,
 * and never a statement that silently matches nothing.
 */
import * as z from 'zod';
import { compileArn, matchesArn } from './arn-pattern.ts';
import type { ConditionTest, Effect } from './condition.ts';
import { compileCondition } from './condition.ts';
import { compilePattern, matches } from './pattern.ts';
import type { PrincipalTest } from './principal-match.ts';
import { compilePrincipal } from './principal-match.ts';
import { RequestContext } from './request-context.ts';

/** `identity`: of a role, or a session policy. `resource`: of a queue, key or function. `trust`: who may become a role. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

export interface CompiledStatement {
  readonly effect: Effect;
  readonly action: (action: string) => boolean;
  readonly resource: (resource: string, context: RequestContext) => boolean;
  /** Absent in identity policies. `negated`: `NotPrincipal`. */
  readonly principal?: { readonly test: PrincipalTest; readonly negated: boolean };
  readonly conditions: readonly ConditionTest[];
}
export type CompiledPolicy = readonly CompiledStatement[];

const strings = z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat());
const principal = z.union([z.literal('*'), z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))]);
const scalar = z.union([z.string(), z.boolean(), z.number()]);
const conditionValues = z.union([scalar, z.array(scalar)]).transform((value) => [value].flat().map(String));

const statementSchema = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: strings.optional(),
    NotAction: strings.optional(),
    Resource: strings.optional(),
    NotResource: strings.optional(),
    Principal: principal.optional(),
    NotPrincipal: principal.optional(),
    Condition: z.record(z.string(), z.record(z.string(), conditionValues)).optional(),
  })
  .refine((s) => (s.Action === undefined) !== (s.NotAction === undefined), 'wants either Action or NotAction');
type Statement = z.infer<typeof statementSchema>;

const documentSchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([statementSchema.transform((one) => [one]), z.array(statementSchema).min(1)]),
});

/** Throws an `Error` that says what is wrong with the document. */
export function compilePolicy(document: unknown, kind: PolicyKind): CompiledPolicy {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) throw new Error(`malformed policy document: ${z.prettifyError(parsed.error)}`);
  const variables = parsed.data.Version === '2012-10-17';
  return parsed.data.Statement.map((statement) => compileStatement(statement, kind, variables));
}

function compileStatement(statement: Statement, kind: PolicyKind, variables: boolean): CompiledStatement {
  const { Effect: effect, Principal: named, NotPrincipal: exempt } = statement;
  if (kind === 'identity' && (named ?? exempt)) throw new Error("an identity policy can't name a Principal");
  if (kind !== 'identity' && (named === undefined) === (exempt === undefined))
    throw new Error('a resource policy wants either Principal or NotPrincipal');
  if (exempt && effect === 'Allow') throw new Error('NotPrincipal with Allow lets everybody else in: refused');

  const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => compileCondition(operator, key, values, { effect, variables })),
  );
  const element = named ?? exempt;
  return {
    effect,
    action: compileActions(statement),
    resource: compileResources(statement, kind, variables),
    ...(element && { principal: { test: compilePrincipal(element), negated: exempt !== undefined } }),
    conditions,
  };
}

const NO_CONTEXT = new RequestContext();

function compileActions({ Action, NotAction }: Statement): CompiledStatement['action'] {
  const patterns = (Action ?? NotAction ?? []).map((action) => {
    if (action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action)) throw new Error(`"${action}" is not an action`);
    return compilePattern(action.toLowerCase(), { wildcards: true, variables: false });
  });
  const wanted = NotAction === undefined;
  return (action) => patterns.some((pattern) => matches(pattern, action.toLowerCase(), NO_CONTEXT)) === wanted;
}

function compileResources(
  { Resource, NotResource }: Statement,
  kind: PolicyKind,
  variables: boolean,
): CompiledStatement['resource'] {
  if (kind === 'trust') {
    if (Resource ?? NotResource) throw new Error("a trust policy can't name a Resource");
    return () => true;
  }
  if ((Resource === undefined) === (NotResource === undefined))
    throw new Error('a statement wants either Resource or NotResource');
  const tests = (Resource ?? NotResource ?? []).map((text) => compileResource(text, variables));
  const wanted = NotResource === undefined;
  return (resource, context) => tests.some((test) => test(resource, context)) === wanted;
}

function compileResource(text: string, variables: boolean): CompiledStatement['resource'] {
  if (text === '*') return () => true;
  const pattern = compileArn(text, { wildcards: true, variables });
  if (!pattern) throw new Error(`the resource "${text}" must be an ARN or "*"`);
  return (resource, context) => matchesArn(pattern, resource, context);
}
