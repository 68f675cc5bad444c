/**
 * Who may do what on the laptop: the roles of the templates, the sessions given out, and every decision about a call.
 *
 * Owns roles and sessions (both in memory). Touches no socket and no file. Policies of queues, keys and functions belong to
 * their services, which are asked for them through `resourcePolicies`, so that a policy changed there counts at once.
 */
import type { Authority, Clock, Demand, Place, PolicyDocument, Principal } from '../contract.ts';
import { AwsError } from '../contract.ts';
import type { Verdict } from './iam/decision.ts';
import { decide } from './iam/decision.ts';
import type { CompiledPolicy, PolicyKind } from './iam/policy.ts';
import { compilePolicy } from './iam/policy.ts';
import { requestContext } from './request-keys.ts';
import type { Roles } from './roles.ts';
import { createRoles } from './roles.ts';
import type { Credentials, SessionPrincipal, Sessions } from './sessions.ts';
import { createSessions } from './sessions.ts';

export interface AuthorityDeps {
  readonly place: Place;
  readonly clock: Clock;
  /** Resource-based policies in force on an ARN. Default: none. */
  readonly resourcePolicies?: (resource: string) => readonly PolicyDocument[];
}

export interface LocalAuthority extends Authority {
  readonly roles: Roles;
  readonly sessions: Sessions;
  /** `sourceArn`: the resource for which the service acts, for trust policies that ask for `aws:SourceArn`. */
  assume(roleArn: string, service: string, sessionName: string, sourceArn?: string): SessionPrincipal;
  /**
   * Credentials that a service hands to code which it runs (a Lambda function's environment). They end when revoked, not by
   * time: AWS gives a long-lived function fresh ones unseen, and a moved test clock must not cut a worker off.
   */
  issueSession(roleArn: string, service: string, sessionName: string): Credentials;
}

export function createAuthority({ place, clock, resourcePolicies = () => [] }: AuthorityDeps): LocalAuthority {
  const roles = createRoles();
  const sessions = createSessions(clock);
  const compiled = compileOnce();

  function verdict(caller: Principal, demand: Demand): Verdict {
    const session = caller.kind === 'session' ? caller : undefined;
    const trust = roles.get(demand.resource)?.trust;
    return decide(
      {
        identity: (session && roles.get(session.roleArn)?.identityPolicies()) ?? [],
        session: session?.sessionPolicy && compiled(session.sessionPolicy, 'identity'),
        resource: trust ? [trust] : resourcePolicies(demand.resource).map((document) => compiled(document, 'resource')),
      },
      {
        action: demand.action,
        resource: demand.resource,
        context: requestContext(demand, caller, place, clock.now()),
        caller,
        account: place.account,
      },
    );
  }

  function authorize(caller: Principal, demands: readonly Demand[]): void {
    for (const demand of demands) {
      const found = verdict(caller, demand);
      if (found.decision !== 'allowed') throw denial(caller, demand, found);
    }
  }

  function assume(roleArn: string, service: string, sessionName: string, sourceArn?: string): SessionPrincipal {
    const caller: Principal = { kind: 'service', service, ...(sourceArn !== undefined && { sourceArn }) };
    authorize(caller, [{ action: 'sts:AssumeRole', resource: roleArn }]);
    return sessionPrincipal(roles, place, roleArn, sessionName);
  }

  return {
    roles,
    sessions,
    authorize,
    assume,
    issueSession: (roleArn, service, sessionName) => sessions.issue(assume(roleArn, service, sessionName)),
  };
}

/** A session of a role; `tags` come on top of the role's own. Trust is the caller's business. */
export function sessionPrincipal(
  roles: Roles,
  { account }: Place,
  roleArn: string,
  sessionName: string,
  extra: { tags?: Readonly<Record<string, string>>; sessionPolicy?: PolicyDocument } = {},
): SessionPrincipal {
  const role = roles.get(roleArn);
  if (!role) throw new Error(`no role ${roleArn}`);
  const arn = `arn:aws:sts::${account}:assumed-role/${role.name}/${sessionName}`;
  const { tags = {}, sessionPolicy } = extra;
  const own = Object.entries(role.tags).filter(([key]) => !hasTag(tags, key));
  return {
    kind: 'session',
    roleArn,
    arn,
    tags: { ...Object.fromEntries(own), ...tags },
    ...(sessionPolicy && { sessionPolicy }),
  };
}

/** Tag keys are case-insensitive to IAM. */
const hasTag = (tags: Readonly<Record<string, string>>, key: string): boolean =>
  Object.keys(tags).some((other) => other.toLowerCase() === key.toLowerCase());

function denial(caller: Principal, { action, resource }: Demand, found: Exclude<Verdict, { decision: 'allowed' }>) {
  const who = caller.kind === 'session' ? `User: ${caller.arn}` : `Service: ${caller.service}`;
  const policy = found.culprit === 'session' ? 'session policy' : `${found.culprit} policy`;
  const article = policy.startsWith('i') ? 'an' : 'a';
  const why =
    found.decision === 'explicitDeny'
      ? `with an explicit deny in ${article} ${policy}`
      : `because no ${policy} allows the ${action} action`;
  return new AwsError(
    'AccessDeniedException',
    `${who} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  );
}

/** Services hand out the same document objects again and again; each is read once. */
function compileOnce() {
  const known = new WeakMap<PolicyDocument, CompiledPolicy>();
  return (document: PolicyDocument, kind: PolicyKind): CompiledPolicy => {
    const policy = known.get(document) ?? compilePolicy(document, kind);
    known.set(document, policy);
    return policy;
  };
}
