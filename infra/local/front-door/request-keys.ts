import type { Demand, Place, Principal } from '../contract.ts';
import { RequestContext } from './iam/request-context.ts';

/**
 * The condition keys of a demand: what the service says of the request, under what the host knows by itself, which no
 * service can overrule.
 *
 * `aws:SecureTransport` is always true: on AWS these calls are HTTPS, and the templates deny anything else. The laptop's
 * AWS doors are plain HTTP on the loopback interface, which no other machine can reach or overhear; answering `false`
 * would refuse every call for a difference that only the laptop has.
 */
export function requestContext(demand: Demand, caller: Principal, place: Place, now: number): RequestContext {
  const owner = demand.resource.split(':')[4];
  return new RequestContext(demand.context ?? {}, callerKeys(caller, place), {
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': place.region,
    'aws:ResourceAccount': owner || place.account,
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:ViaAWSService': 'false',
  });
}

function callerKeys(caller: Principal, { account }: Place): Record<string, string> {
  if (caller.kind === 'service')
    return {
      'aws:PrincipalIsAWSService': 'true',
      'aws:PrincipalServiceName': caller.service,
      'aws:SourceAccount': account,
      ...(caller.sourceArn !== undefined && { 'aws:SourceArn': caller.sourceArn }),
    };
  const tags = Object.entries(caller.tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
  return {
    'aws:PrincipalIsAWSService': 'false',
    'aws:PrincipalType': 'AssumedRole',
    'aws:PrincipalAccount': account,
    // AWS gives the role here, never the session.
    'aws:PrincipalArn': caller.roleArn,
    ...Object.fromEntries(tags),
  };
}
