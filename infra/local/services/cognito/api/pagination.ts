/** Lists by offset. A token is only as long-lived as a list that doesn't change; Cognito promises no more. */
import { invalidParameter } from '../errors.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

export function paginate<T>(all: readonly T[], limit: number, token: string | undefined): Page<T> {
  const text = token === undefined ? '0' : Buffer.from(token, 'base64url').toString();
  if (!/^\d{1,9}$/.test(text)) throw invalidParameter('Invalid pagination token.');
  const offset = Number(text);
  const end = offset + limit;
  const next = end < all.length ? Buffer.from(String(end)).toString('base64url') : undefined;
  return { items: all.slice(offset, end), next };
}
