/**
 * Verifies AWS Signature Version 4, in headers or presigned. The hash of the body is always computed here: what the request
 * says of its own body (`x-amz-content-sha256`) must agree, and is never taken on trust. Of a body that is still on its way
 * it is the claim that the signature covers; signed-body.ts holds the body to it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../../contract.ts';
import type { Session } from '../sessions.ts';
import { canonicalRequest, sha256 } from './canonical-request.ts';
import type { RawRequest, SignatureClaims } from './signature-claims.ts';

export interface VerifyDeps {
  readonly region: string;
  /** Epoch milliseconds, of the host's clock. */
  readonly now: number;
  readonly findSession: (accessKeyId: string) => Session | undefined;
}

/** Signed too long ago, or in the future. */
export class SignatureDateError extends AwsError {
  readonly presigned: boolean;
  constructor(message: string, presigned: boolean) {
    super('InvalidSignatureException', message, 403);
    this.presigned = presigned;
  }
}

const SKEW_MS = 15 * 60_000;

/** Throws `AwsError` with AWS's codes; answers the session whose secret signed the request. */
export function verifySignature(request: RawRequest, claims: SignatureClaims, deps: VerifyDeps): Session {
  const session = deps.findSession(claims.accessKeyId);
  if (!session || claims.securityToken !== session.sessionToken)
    throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.', 403);

  if (claims.region !== deps.region)
    throw invalid(`Credential should be scoped to a valid region: ${deps.region}, not ${claims.region}.`);
  checkSignedHeaders(request, claims);
  checkDate(claims, deps.now);

  const expected = sign(request, claims, session.secretAccessKey);
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(claims.signature)))
    throw invalid('The request signature we calculated does not match the signature you provided.');
  if (session.expires !== undefined && deps.now >= session.expires)
    throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired', 403);
  return session;
}

function checkSignedHeaders({ headers }: RawRequest, { signedHeaders }: SignatureClaims): void {
  if (!signedHeaders.includes('host')) throw invalid("'Host' must be a signed header.");
  // An unsigned x-amz-target could turn one signed call into another.
  const unsigned = Object.keys(headers).find((name) => name.startsWith('x-amz-') && !signedHeaders.includes(name));
  if (unsigned) throw invalid(`'${unsigned}' must be a signed header.`);
}

function checkDate({ date, day, presigned, expiresSeconds = 0 }: SignatureClaims, now: number): void {
  if (!date.startsWith(day)) throw invalid(`Credential should be scoped to the date of the request, ${date}.`);
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const signedAt = Date.parse(iso);
  const until = signedAt + (presigned ? expiresSeconds * 1000 : SKEW_MS);
  const wrongDate = (message: string) => new SignatureDateError(message, presigned);
  if (!(now <= until)) throw wrongDate(`Signature expired: ${iso} is too long before ${new Date(now).toISOString()}.`);
  if (!(now >= signedAt - SKEW_MS)) throw wrongDate(`Signature not yet current: ${iso} is in the future.`);
}

function sign(request: RawRequest, claims: SignatureClaims, secret: string): string {
  const canonical = canonicalRequest(request, claims, payloadHash(request, claims));
  return scopedSigner(claims, secret)('AWS4-HMAC-SHA256', sha256(canonical));
}

/** Signs lines under an algorithm's name, in the scope and at the date of the claims. Answers hexadecimal digits. */
export function scopedSigner({ day, date, region, service }: SignatureClaims, secret: string) {
  const scope = [day, region, service, 'aws4_request'];
  const key = signingKey(secret, scope);
  return (algorithm: string, ...lines: string[]): string =>
    hmac(key, [algorithm, date, scope.join('/'), ...lines].join('\n')).toString('hex');
}

/** Four of a signature's five HMACs are the same all day. */
const signingKeys = new Map<string, Buffer>();
const MOST_KEYS = 1000;

function signingKey(secret: string, scope: readonly string[]): Buffer {
  const name = [secret, ...scope].join(' ');
  const known = signingKeys.get(name);
  if (known) return known;
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`) as Buffer;
  if (signingKeys.size >= MOST_KEYS) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

function payloadHash({ headers, body }: RawRequest, { presigned, service }: SignatureClaims): string {
  const said = headers['x-amz-content-sha256'];
  // S3 alone takes bodies that the signature doesn't cover.
  if (service === 's3' && (presigned || said === 'UNSIGNED-PAYLOAD')) return 'UNSIGNED-PAYLOAD';
  if (body === undefined) {
    if (said === undefined) throw invalid("'x-amz-content-sha256' must be sent and signed.");
    return said;
  }
  const actual = sha256(body);
  if (said !== undefined && said !== actual)
    throw invalid("The provided 'x-amz-content-sha256' header does not match what was computed.");
  return actual;
}

const invalid = (message: string): AwsError => new AwsError('InvalidSignatureException', message, 403);
