/** Rows are parsed as they leave the file, JSON columns included: nothing behind this line casts. */
import * as z from 'zod';
import { invalidRequest } from '../errors.ts';

export const attributesColumn = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.record(z.string(), z.string()));

/** JSON with sorted keys, so that equal attributes are equal text. */
export const canonical = (record: Readonly<Record<string, string>>) =>
  JSON.stringify(Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))));

export interface Paging {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/** A small page, so that a caller who forgets the next one is found out on the laptop. */
const DEFAULT_PAGE = 25;

/** Reads one row more than asked for, to know whether there is a next page; the token is the last name shown. */
export function page<T>(
  paging: Paging,
  read: (after: string, limit: number) => T[],
  name: (item: T) => string,
): Page<T> {
  const limit = paging.maxResults ?? DEFAULT_PAGE;
  const found = read(paging.nextToken === undefined ? '' : decode(paging.nextToken), limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last !== undefined
    ? { items, nextToken: Buffer.from(name(last)).toString('base64url') }
    : { items };
}

function decode(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (name === '' || Buffer.from(name).toString('base64url') !== token) throw invalidRequest('invalid nextToken');
  return name;
}
