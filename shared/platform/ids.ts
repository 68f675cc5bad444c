/** Ids: a prefix that says what it names, `_`, and a ULID in lower case. Opaque to users, random, never reused. */
import { createHash } from 'node:crypto';
import { encodeTime, ulid } from 'ulid';
import * as z from 'zod';

/** The one table of prefixes. */
export const ID_PREFIXES = {
  account: 'acc',
  product: 'prd',
  device: 'dev',
  bucket: 'bkt',
  member: 'mbr',
  apiClient: 'cli',
  credential: 'crd',
  connector: 'con',
  auditEvent: 'evt',
  rejectedMessage: 'rej',
  deletion: 'del',
  export: 'exp',
  import: 'imp',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** Mints an id; a dependency of use cases, so that tests can hold it. */
export type NewId = (kind: IdKind) => string;

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export const newId: NewId = (kind) => `${ID_PREFIXES[kind]}_${ulid().toLowerCase()}`;

/** The same id for the same source: what a redelivered message makes is found again, not made twice. */
export function derivedId(kind: IdKind, at: number, source: string): string {
  const digest = createHash('sha256').update(source).digest();
  const random = Array.from({ length: 16 }, (_, i) => CROCKFORD[(digest[i] ?? 0) % 32]).join('');
  return `${ID_PREFIXES[kind]}_${(encodeTime(at, 10) + random).toLowerCase()}`;
}

const schemaOf = (kind: IdKind, prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`), `is not an id of this kind (${prefix}_…)`)
    .meta({
      id: `${kind[0]?.toUpperCase()}${kind.slice(1)}Id`,
      description: 'Opaque, and never reused.',
      examples: [exampleId(kind)],
    });

/** An id as documentation shows it; nobody's. */
export const exampleId = (kind: IdKind) => `${ID_PREFIXES[kind]}_01jz8k3m5nq7r9t1v3w5x7y9z2`;

const SCHEMAS = Object.fromEntries(
  Object.entries(ID_PREFIXES).map(([kind, prefix]) => [kind, schemaOf(kind as IdKind, prefix)]),
) as Record<IdKind, z.ZodString>;

/** Schema of an id of one kind. */
export const idSchema = (kind: IdKind): z.ZodString => SCHEMAS[kind];
