/** How identity, session and resource policies combine to one answer within one account. */
import type { Principal } from '../../contract.ts';
import type { Decision, ResourcePolicyRequest } from './evaluate.ts';
import { evaluate, evaluateResource } from './evaluate.ts';
import type { CompiledPolicy } from './policy.ts';

/**
 * - `either`: the usual rule: the role's policies or the resource's own.
 * - `resource`: the resource's policy must allow by itself, or hand the decision to the account, whose policies then count.
 * - `both`: stricter.
 */
type Combination = 'either' | 'resource' | 'both';

export type Culprit = 'identity-based' | 'resource-based' | 'session';
export type Verdict =
  | { readonly decision: 'allowed' }
  | { readonly decision: Exclude<Decision, 'allowed'>; readonly culprit: Culprit };

export interface Policies {
  readonly identity: readonly CompiledPolicy[];
  readonly session: CompiledPolicy | undefined;
  readonly resource: readonly CompiledPolicy[];
}

export function decide(policies: Policies, request: ResourcePolicyRequest): Verdict {
  const identity = evaluate(policies.identity, request);
  const session = policies.session ? evaluate([policies.session], request) : 'allowed';
  const resource = evaluateResource(policies.resource, request);

  if (identity === 'explicitDeny') return { decision: 'explicitDeny', culprit: 'identity-based' };
  if (session === 'explicitDeny') return { decision: 'explicitDeny', culprit: 'session' };
  if (resource.denied) return { decision: 'explicitDeny', culprit: 'resource-based' };

  const byIdentity = identity === 'allowed' && session === 'allowed';
  const byResource = resource.granted.has('session') || (resource.granted.has('role') && session === 'allowed');
  const delegated = resource.granted.has('account');
  const allowed = {
    either: byIdentity || byResource,
    resource: byResource || (delegated && byIdentity),
    both: byIdentity && (byResource || delegated),
  } satisfies Record<Combination, boolean>;

  const combination = combinationOf(request.action, request.resource, request.caller);
  if (allowed[combination]) return { decision: 'allowed' };
  const resourceSilent = combination !== 'either' && resource.granted.size === 0;
  const culprit = resourceSilent || request.caller.kind === 'service' ? 'resource-based' : 'identity-based';
  return { decision: 'implicitDeny', culprit: session === 'implicitDeny' && !resourceSilent ? 'session' : culprit };
}

function combinationOf(action: string, resource: string, caller: Principal): Combination {
  if (/^arn:[^:]+:kms:[^:]*:[^:]*:key\//.test(resource)) return 'resource';
  // AWS lets a role that is named in the trust policy in without a policy of its own. Here both sides must say it, so that
  // each function's rights can be read from its role alone. A service has no policies; session tags follow AWS's rule.
  if (action === 'sts:AssumeRole' && caller.kind === 'session') return 'both';
  return action.startsWith('sts:') && /:role\//.test(resource) ? 'resource' : 'either';
}
