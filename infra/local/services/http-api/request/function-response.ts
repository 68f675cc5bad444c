/** What a function's answer means, by the rules of payload format 2.0. */
import * as z from 'zod';
import { GatewayError } from './gateway-request.ts';

export interface GatewayResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

const headerValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const responseSchema = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), headerValue).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** The connection's own headers are the gateway's. */
const OWN = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding', 'upgrade', 'via']);

export function readFunctionResponse(payload: unknown): GatewayResponse {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return inferred(payload);
  const parsed = responseSchema.safeParse(payload);
  if (!parsed.success)
    throw new GatewayError(500, 'Internal Server Error', 'The response of the function is malformed');
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const own = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(own.filter(([name]) => !OWN.has(name))),
      ...(cookies?.length ? { 'set-cookie': cookies } : {}),
    },
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** An answer without a status is the body of a 200. */
function inferred(payload: unknown): GatewayResponse {
  const text = typeof payload === 'string' ? payload : (JSON.stringify(payload) ?? '');
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
}
