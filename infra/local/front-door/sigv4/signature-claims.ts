/** What a request says about its own signature, in the Authorization header or in the query (presigned). Nothing is checked. */
import { AwsError } from '../../contract.ts';

export interface SignatureClaims {
  readonly presigned: boolean;
  readonly accessKeyId: string;
  /** `yyyymmdd` of the credential scope. */
  readonly day: string;
  readonly region: string;
  /** The service's signing name. */
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `yyyymmddThhmmssZ` */
  readonly date: string;
  readonly securityToken: string | undefined;
  /** Of a presigned URL. */
  readonly expiresSeconds: number | undefined;
}

export interface RawRequest {
  readonly method: string;
  /** Path and query exactly as sent: both are signed. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent while it is still on its way (see signed-body.ts). */
  readonly body?: Buffer;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

export function readClaims({ target, headers }: RawRequest): SignatureClaims {
  const query = new URLSearchParams(target.split('?').slice(1).join('?'));
  const authorization = headers.authorization;
  if (authorization !== undefined) return fromHeader(authorization, headers);
  if (query.has('X-Amz-Signature') || query.has('X-Amz-Algorithm')) return fromQuery(query);
  throw new AwsError('MissingAuthenticationTokenException', 'Request is missing Authentication Token', 403);
}

function fromHeader(authorization: string, headers: Readonly<Record<string, string>>): SignatureClaims {
  if (!authorization.startsWith(`${ALGORITHM} `)) throw incomplete(`the Authorization header is not ${ALGORITHM}`);
  const fields = new Map(
    authorization
      .slice(ALGORITHM.length)
      .split(',')
      .map((field) => {
        const equals = field.indexOf('=');
        return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()] as const;
      }),
  );
  return claims(
    {
      credential: fields.get('Credential'),
      signedHeaders: fields.get('SignedHeaders'),
      signature: fields.get('Signature'),
      date: headers['x-amz-date'],
    },
    { presigned: false, securityToken: headers['x-amz-security-token'], expiresSeconds: undefined },
  );
}

function fromQuery(query: URLSearchParams): SignatureClaims {
  const get = (name: string): string | undefined => query.get(`X-Amz-${name}`) ?? undefined;
  if (get('Algorithm') !== ALGORITHM) throw incomplete(`X-Amz-Algorithm is not ${ALGORITHM}`);
  const expires = get('Expires');
  if (expires === undefined || !/^\d{1,6}$/.test(expires) || Number(expires) > 604_800)
    throw incomplete('X-Amz-Expires wants seconds, at most a week');
  return claims(
    {
      credential: get('Credential'),
      signedHeaders: get('SignedHeaders'),
      signature: get('Signature'),
      date: get('Date'),
    },
    { presigned: true, securityToken: get('Security-Token'), expiresSeconds: Number(expires) },
  );
}

function claims(
  said: Record<'credential' | 'signedHeaders' | 'signature' | 'date', string | undefined>,
  rest: Pick<SignatureClaims, 'presigned' | 'securityToken' | 'expiresSeconds'>,
): SignatureClaims {
  const [accessKeyId, day, region, service, end, more] = said.credential?.split('/') ?? [];
  if (!accessKeyId || !day || !region || !service || end !== 'aws4_request' || more !== undefined)
    throw incomplete('Credential wants key/day/region/service/aws4_request');
  if (!said.signedHeaders) throw incomplete('no SignedHeaders');
  if (!said.signature || !/^[0-9a-f]{64}$/.test(said.signature))
    throw incomplete('no Signature of 64 hexadecimal digits');
  if (!said.date || !/^\d{8}T\d{6}Z$/.test(said.date)) throw incomplete('no X-Amz-Date like 20300131T235959Z');
  const signedHeaders = said.signedHeaders.split(';');
  return { ...rest, accessKeyId, day, region, service, signedHeaders, signature: said.signature, date: said.date };
}

const incomplete = (what: string): AwsError =>
  new AwsError('IncompleteSignatureException', `Bad signature: ${what}`, 403);
