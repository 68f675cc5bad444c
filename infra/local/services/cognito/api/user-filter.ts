/** ListUsers' filter: `name = "value"` or, for a prefix, `name ^= "value"`. */
import { invalidParameter } from '../errors.ts';
import type { Pool } from '../pool/pools.ts';
import { foldName, type User } from '../user/users.ts';

const FILTER = /^\s*"?([\w:]+)"?\s*(=|\^=)\s*"((?:[^"\\]|\\.)*)"\s*$/;

const READERS: Readonly<Record<string, (user: User) => string | undefined>> = {
  username: (user) => user.username,
  sub: (user) => user.sub,
  email: (user) => user.attributes.email,
  name: (user) => user.attributes.name,
  given_name: (user) => user.attributes.given_name,
  family_name: (user) => user.attributes.family_name,
  preferred_username: (user) => user.attributes.preferred_username,
  phone_number: (user) => user.attributes.phone_number,
  'cognito:user_status': (user) => user.status,
  status: (user) => (user.enabled ? 'Enabled' : 'Disabled'),
};

export function userFilter(pool: Pool, filter: string | undefined): (user: User) => boolean {
  if (!filter) return () => true;
  const [, name = '', operator, quoted = ''] = FILTER.exec(filter) ?? [];
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (!read) throw invalidParameter('Error while parsing filter.');
  const wanted = foldName(pool, quoted.replace(/\\(.)/g, '$1'));
  return (user) => {
    const value = foldName(pool, read(user) ?? '');
    return operator === '=' ? value === wanted : value.startsWith(wanted);
  };
}
