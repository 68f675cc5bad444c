/** Random names and secrets in the alphabets that Cognito uses, and the digest under which bearer values are stored. */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

const LOWER_CASE = 'abcdefghijklmnopqrstuvwxyz0123456789';
const MIXED_CASE = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${LOWER_CASE}`;

export const pick = (alphabet: string): string => alphabet.charAt(randomInt(alphabet.length));
const text = (alphabet: string, length: number) => Array.from({ length }, () => pick(alphabet)).join('');

export const newPoolId = (region: string): string => `${region}_${text(MIXED_CASE, 9)}`;
export const newClientId = (): string => text(LOWER_CASE, 26);
export const newClientSecret = (): string => text(LOWER_CASE, 52);
/** Codes, refresh tokens, cookies: 256 bits. */
export const newBearer = (): string => text(MIXED_CASE, 44);

/** What a generated secret of ≥ 128 bits is stored and looked up by. */
export const digest = (value: string): string => createHash('sha256').update(value).digest('base64url');

/** Compares in a time that tells nothing of where two values differ. */
export const sameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
