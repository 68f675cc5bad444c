/** A request as the gateway sees it, and the limits that it must keep. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { decode } from '../route-selection.ts';

/** Request line and header values together. */
const HEAD_LIMIT = 10_240;
const BODY_LIMIT = 10_485_760;

export interface GatewayRequest {
  readonly id: string;
  readonly method: string;
  /** As sent, percent-encoded. */
  readonly path: string;
  readonly query: string;
  /** Lower-case names; several values joined by commas; without cookies. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
  readonly protocol: string;
  readonly sourceIp: string;
  /** Epoch milliseconds of the host's clock. */
  readonly time: number;
}

/** An answer that the gateway gives by itself. */
export class GatewayError extends Error {
  readonly status: number;
  /** Why, for the access log. */
  readonly reason: string;
  constructor(status: number, message: string, reason = message) {
    super(message);
    this.name = 'GatewayError';
    this.status = status;
    this.reason = reason;
  }
}

/** All but the body, which may be too long to read. */
export function readHead(incoming: IncomingMessage, time: number): Omit<GatewayRequest, 'body'> {
  const { path, query } = splitTarget(incoming.url ?? '/');
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    const name = incoming.rawHeaders[index]?.toLowerCase() ?? '';
    const value = incoming.rawHeaders[index + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(/; */).filter(Boolean));
    else headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return {
    // API Gateway's own ids look like `JKJaXmPLvHcESHA=`.
    id: `${randomBytes(11).toString('base64url')}=`,
    method: incoming.method ?? 'GET',
    path,
    query,
    headers,
    cookies,
    protocol: `HTTP/${incoming.httpVersion}`,
    sourceIp: (incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    time,
  };
}

export function refuseLargeHead(incoming: IncomingMessage): void {
  const line = `${incoming.method} ${incoming.url} HTTP/${incoming.httpVersion}`;
  const values = incoming.rawHeaders.filter((_, index) => index % 2 === 1);
  if ([line, ...values].reduce((sum, text) => sum + Buffer.byteLength(text), 0) <= HEAD_LIMIT) return;
  throw new GatewayError(431, 'Request Header Fields Too Large');
}

export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const tooLarge = () => new GatewayError(413, 'Request Entity Too Large');
  if (Number(incoming.headers['content-length'] ?? 0) > BODY_LIMIT) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Also for a target in absolute form, as a proxy's client sends it. */
function splitTarget(target: string): { path: string; query: string } {
  const relative = target.replace(/^https?:\/\/[^/?]*/i, '');
  const question = relative.indexOf('?');
  const path = question < 0 ? relative : relative.slice(0, question);
  return { path: path.startsWith('/') ? path : `/${path}`, query: question < 0 ? '' : relative.slice(question + 1) };
}

/** Decoded; several values of a name joined by commas. */
export function queryParameters(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return parameters;
}

/** The path as API Gateway hands it on: decoded, and cut where a decoded `?` seems to begin a query. */
export const eventPath = (path: string): string => decode(path).split('?')[0] ?? '';
