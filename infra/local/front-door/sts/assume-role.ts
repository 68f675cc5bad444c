import type { Clock, Demand, Operation, Place, PolicyDocument, Principal } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { LocalAuthority } from '../authority.ts';
import { sessionPrincipal } from '../authority.ts';
import { compilePolicy } from '../iam/policy.ts';
import type { Session } from '../sessions.ts';
import type { AssumeRoleRequest } from './session-request.ts';
import { invalid, readAssumeRole } from './session-request.ts';
import { stsResponse } from './sts-xml.ts';

/** Callers of the laptop are sessions themselves, so AWS's limit for role chaining holds for all of them. */
const CHAINED_SECONDS_MAX = 3600;

export interface StsDeps {
  readonly authority: LocalAuthority;
  readonly place: Place;
  readonly clock: Clock;
}

export function assumeRole(parameters: URLSearchParams, deps: StsDeps): Operation {
  const request = readAssumeRole(parameters);
  const sessionPolicy = readSessionPolicy(request.Policy);
  return {
    name: 'AssumeRole',
    demands: demands(request),
    run: async (caller) => {
      // Only whoever may assume the role learns its limits.
      const maximum = deps.authority.roles.get(request.RoleArn)?.maxSessionSeconds ?? 0;
      if (request.DurationSeconds > maximum)
        throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
      if (request.DurationSeconds > CHAINED_SECONDS_MAX)
        throw invalid(
          'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
        );
      return answer(issue(request, sessionPolicy, caller, deps), request, deps);
    },
  };
}

function demands(request: AssumeRoleRequest): Demand[] {
  const context: Record<string, string | string[] | undefined> = {
    'sts:RoleSessionName': request.RoleSessionName,
    'sts:ExternalId': request.ExternalId,
    'aws:TagKeys': request.Tags.map(({ Key }) => Key),
    'sts:TransitiveTagKeys': request.TransitiveTagKeys,
  };
  for (const { Key, Value } of request.Tags) context[`aws:RequestTag/${Key}`] = Value;
  const assume: Demand = { action: 'sts:AssumeRole', resource: request.RoleArn, context };
  return request.Tags.length > 0 ? [assume, { ...assume, action: 'sts:TagSession' }] : [assume];
}

function issue(
  request: AssumeRoleRequest,
  sessionPolicy: PolicyDocument | undefined,
  caller: Principal,
  { authority, place, clock }: StsDeps,
): Session {
  const inherited = transitiveTags(authority.sessions.of(caller));
  const clash = request.Tags.find(({ Key }) => inherited.some(([key]) => key.toLowerCase() === Key.toLowerCase()));
  if (clash) throw new AwsError('InvalidParameterValue', 'A transitive session tag of the caller can not be replaced.');
  const tags = Object.fromEntries([...inherited, ...request.Tags.map(({ Key, Value }) => [Key, Value] as const)]);
  const extra = { tags, ...(sessionPolicy && { sessionPolicy }) };
  const principal = sessionPrincipal(authority.roles, place, request.RoleArn, request.RoleSessionName, extra);
  return authority.sessions.issue(principal, {
    expires: clock.now() + request.DurationSeconds * 1000,
    transitiveTagKeys: [...inherited.map(([key]) => key), ...request.TransitiveTagKeys],
  });
}

function transitiveTags(session: Session | undefined): [string, string][] {
  const keys = session?.transitiveTagKeys.map((key) => key.toLowerCase()) ?? [];
  return Object.entries(session?.principal.tags ?? {}).filter(([key]) => keys.includes(key.toLowerCase()));
}

function readSessionPolicy(text: string | undefined): PolicyDocument | undefined {
  if (text === undefined) return undefined;
  try {
    const document: unknown = JSON.parse(text);
    compilePolicy(document, 'identity');
    return document as PolicyDocument; // compilePolicy has just parsed its shape.
  } catch (cause) {
    throw new AwsError('MalformedPolicyDocument', cause instanceof Error ? cause.message : 'unreadable policy');
  }
}

function answer(session: Session, request: AssumeRoleRequest, { authority }: StsDeps) {
  return stsResponse('AssumeRole', {
    AssumedRoleUser: {
      AssumedRoleId: `${authority.roles.get(request.RoleArn)?.id}:${request.RoleSessionName}`,
      Arn: session.principal.arn,
    },
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: new Date(session.expires ?? 0).toISOString(),
    },
  });
}
