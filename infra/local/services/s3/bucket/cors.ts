/** CORS by the bucket's rules: the first one that allows origin, method and headers answers, as in S3. */
import { AwsError, type AwsResponse, type BrowserAccess, type RequestHead } from '../../../contract.ts';
import { errorResponse } from '../protocol/errors.ts';
import { readAddress } from '../protocol/s3-request.ts';
import type { Buckets } from './buckets.ts';
import type { CorsRule } from './cors-rules.ts';

export function browserAccess(buckets: Buckets): BrowserAccess {
  const ruleFor = (head: RequestHead, method: string, headers: readonly string[]): CorsRule | undefined => {
    const { origin } = head.headers;
    if (origin === undefined) return undefined;
    return buckets
      .get(readAddress(head).bucket)
      ?.cors.find(
        ({ AllowedOrigins, AllowedMethods, AllowedHeaders }) =>
          AllowedOrigins.some((pattern) => fits(pattern, origin)) &&
          AllowedMethods.some((allowed) => allowed === method) &&
          headers.every((name) => AllowedHeaders.some((pattern) => fits(pattern.toLowerCase(), name))),
      );
  };

  return {
    preflight(head): AwsResponse {
      const method = head.headers['access-control-request-method'] ?? '';
      const asked = (head.headers['access-control-request-headers'] ?? '').toLowerCase().split(',');
      const headers = asked.map((name) => name.trim()).filter((name) => name !== '');
      const rule = ruleFor(head, method, headers);
      if (!rule)
        return errorResponse(new AwsError('AccessForbidden', 'CORSResponse: This CORS request is not allowed.', 403));
      return {
        status: 200,
        headers: {
          ...allowance(rule, head),
          'access-control-allow-methods': rule.AllowedMethods.join(', '),
          ...(headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
          ...(rule.MaxAge !== undefined && { 'access-control-max-age': String(rule.MaxAge) }),
        },
      };
    },
    headers(head) {
      const rule = ruleFor(head, head.method, []);
      return rule ? allowance(rule, head) : {};
    },
  };
}

function allowance({ AllowedOrigins, ExposedHeaders }: CorsRule, { headers }: RequestHead): Record<string, string> {
  const everybody = AllowedOrigins.includes('*');
  return {
    'access-control-allow-origin': everybody ? '*' : (headers.origin ?? ''),
    ...(!everybody && { 'access-control-allow-credentials': 'true' }),
    ...(ExposedHeaders.length > 0 && { 'access-control-expose-headers': ExposedHeaders.join(', ') }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

/** A pattern has at most one star. */
function fits(pattern: string, value: string): boolean {
  const [before = '', after] = pattern.split('*');
  if (after === undefined) return pattern === value;
  return value.length >= before.length + after.length && value.startsWith(before) && value.endsWith(after);
}
