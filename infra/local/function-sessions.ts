/** The credentials of functions: a session each worker, of its role, until the worker is gone. */
import type { LocalAuthority } from './front-door/authority.ts';
import type { LambdaOptions } from './services/lambda/lambda.ts';

export const functionSessions = (authority: LocalAuthority): Pick<LambdaOptions, 'issueSession' | 'endSession'> => ({
  issueSession(roleArn, service, sessionName) {
    const { accessKeyId, secretAccessKey, sessionToken, expires } = authority.issueSession(
      roleArn,
      service,
      sessionName,
    );
    return { accessKeyId, secretAccessKey, sessionToken, expiresAt: expires ?? Number.POSITIVE_INFINITY };
  },
  endSession: (accessKeyId) => authority.sessions.revoke(accessKeyId),
});
