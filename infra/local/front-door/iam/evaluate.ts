/**
 * The IAM evaluator: (documents, request) → decision. Owns the meaning of a policy document, nothing else: it knows no
 * roles, sessions or services, and touches no state. How several kinds of documents combine is `decision.ts`.
 */
import type { Principal } from '../../contract.ts';
import type { CompiledPolicy, CompiledStatement } from './policy.ts';
import type { Nearness } from './principal-match.ts';
import type { RequestContext } from './request-context.ts';

export type Decision = 'allowed' | 'implicitDeny' | 'explicitDeny';

export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/** For documents that name principals. */
export interface ResourcePolicyRequest extends PolicyRequest {
  readonly caller: Principal;
  readonly account: string;
}

/** Role policies, session policies: documents whose statements are all about the caller. */
export function evaluate(policies: readonly CompiledPolicy[], request: PolicyRequest): Decision {
  let decision: Decision = 'implicitDeny';
  for (const statement of policies.flat()) {
    if (!applies(statement, request)) continue;
    if (statement.effect === 'Deny') return 'explicitDeny';
    decision = 'allowed';
  }
  return decision;
}

/** What a resource's own policies say: a denial, or how directly they name the caller. */
export function evaluateResource(
  policies: readonly CompiledPolicy[],
  request: ResourcePolicyRequest,
): { readonly denied: boolean; readonly granted: ReadonlySet<Nearness> } {
  const granted = new Set<Nearness>();
  for (const statement of policies.flat()) {
    const near = nearness(statement, request);
    if (near === undefined || !applies(statement, request)) continue;
    if (statement.effect === 'Deny') return { denied: true, granted: new Set() };
    granted.add(near);
  }
  return { denied: false, granted };
}

function nearness({ principal }: CompiledStatement, request: ResourcePolicyRequest): Nearness | undefined {
  if (!principal) return undefined;
  const near = principal.test(request.caller, request.account);
  if (!principal.negated) return near;
  return near === undefined ? 'role' : undefined;
}

function applies(statement: CompiledStatement, { action, resource, context }: PolicyRequest): boolean {
  return (
    statement.action(action) &&
    statement.resource(resource, context) &&
    statement.conditions.every((condition) => condition(context))
  );
}
