/**
 * STS on the laptop: AssumeRole and GetCallerIdentity, in the query protocol. It lives in the front door's room because it
 * makes the sessions that the front door accepts; it owns no state of its own.
 */
import type { AwsService, Operation } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { queryError } from '../plain-error.ts';
import type { StsDeps } from './assume-role.ts';
import { assumeRole } from './assume-role.ts';
import { stsResponse } from './sts-xml.ts';

/** The query protocol has its own names and statuses for what JSON services call otherwise. */
const CODES: Readonly<Record<string, { code: string; status: number }>> = {
  AccessDeniedException: { code: 'AccessDenied', status: 403 },
  InvalidSignatureException: { code: 'SignatureDoesNotMatch', status: 403 },
  UnrecognizedClientException: { code: 'InvalidClientTokenId', status: 403 },
  ExpiredTokenException: { code: 'ExpiredToken', status: 403 },
  UnknownOperationException: { code: 'InvalidAction', status: 400 },
};

export const createSts = (deps: StsDeps): AwsService => ({
  signingName: 'sts',
  operation({ url, body }) {
    const parameters = new URLSearchParams(body.length > 0 ? body.toString('utf8') : url.search);
    const action = parameters.get('Action');
    if (action === 'AssumeRole') return assumeRole(parameters, deps);
    if (action === 'GetCallerIdentity') return getCallerIdentity(deps);
    throw new AwsError(
      'UnknownOperationException',
      `The laptop's STS doesn't serve ${action ?? 'a request without Action'}.`,
    );
  },
  errorResponse(error) {
    const renamed = Object.hasOwn(CODES, error.code) ? CODES[error.code] : undefined;
    return queryError(renamed ? new AwsError(renamed.code, error.message, renamed.status) : error);
  },
});

/** Needs no permission, on AWS neither: it tells callers only what they are. */
const getCallerIdentity = ({ authority, place }: StsDeps): Operation => ({
  name: 'GetCallerIdentity',
  demands: [],
  run: async (caller) => {
    if (caller.kind !== 'session')
      throw new AwsError('AccessDeniedException', 'Only a session can ask who it is.', 403);
    const id = authority.roles.get(caller.roleArn)?.id ?? '';
    return stsResponse('GetCallerIdentity', {
      Arn: caller.arn,
      UserId: `${id}:${caller.arn.split('/').at(-1)}`,
      Account: place.account,
    });
  },
});
