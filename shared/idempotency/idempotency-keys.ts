/**
 * Idempotency records, in the entity table.
 *
 * | pk                                  | sk                          | members                                         |
 * |-------------------------------------|-----------------------------|-------------------------------------------------|
 * | `A#{account}#IDEMPOTENCY#{principal}` | `{route}#{sha256 of key}` | `request` (hash), `until`, `ttl`, `s` (sealed answer) |
 */
import { createHash } from 'node:crypto';

const hash = (text: string) => createHash('sha256').update(text).digest('base64url');

export const idempotencyKey = (account: string, principal: string, route: string, key: string) => ({
  pk: `A#${account}#IDEMPOTENCY#${principal}`,
  sk: `${route}#${hash(key)}`,
});

/** What makes two requests the same: path, query and body. */
export const requestHash = (path: string, query: string, body: string | undefined) =>
  hash(JSON.stringify([path, query, body ?? null]));
