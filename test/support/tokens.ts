/** Tokens that nobody should accept, made from one that is good. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import * as z from 'zod';

type Json = Readonly<Record<string, unknown>>;

const json = z.record(z.string(), z.unknown());
const encode = (value: Json) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string) => json.parse(JSON.parse(Buffer.from(part, 'base64url').toString()));

export interface Parts {
  readonly header: Json;
  readonly claims: Json;
  readonly signature: string;
}

export function readToken(token: string): Parts {
  const [header = '', claims = '', signature = ''] = token.split('.');
  return { header: decode(header), claims: decode(claims), signature };
}

/** As it is, with whatever signature is given. */
export const writeToken = ({ header, claims, signature }: Parts): string =>
  `${encode(header)}.${encode(claims)}.${signature}`;

/** A key of somebody else's. */
export const strangersKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

export function signRs256(header: Json, claims: Json, key: KeyObject): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

/** The confusion of algorithms: what is public is taken for a shared secret. */
export function signHs256(header: Json, claims: Json, secret: string): string {
  const signed = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
