/** Which attributes a person of a pool may have: the standard ones, and the pool's own. */
import { invalidParameter } from '../errors.ts';
import type { Pool } from '../pool/pools.ts';

const STANDARD = new Set(
  (
    'address birthdate email email_verified family_name gender given_name locale middle_name name nickname ' +
    'phone_number phone_number_verified picture preferred_username profile updated_at website zoneinfo'
  ).split(' '),
);
const EMAIL = /^[^\s@]+@[^\s@]+$/;

export interface AttributeValue {
  readonly Name: string;
  readonly Value?: string | undefined;
}

export const isEmail = (text: string): boolean => EMAIL.test(text);

/** Checks names and values against the pool's schema; `existing` guards what may not change. */
export function readAttributes(
  pool: Pool,
  given: readonly AttributeValue[],
  existing?: Readonly<Record<string, string>>,
): Record<string, string> {
  const schema = pool.settings.Schema;
  const refuse = (detail: string) => invalidParameter(`Attributes did not conform to the schema: ${detail}`);
  for (const { Name, Value } of given) {
    const own = schema.find((attribute) => attribute.Name === Name || `custom:${attribute.Name}` === Name);
    const known = STANDARD.has(Name) || (Name.startsWith('custom:') && own !== undefined);
    if (!known) throw refuse(`${Name}: Attribute does not exist in the schema.`);
    if (Name === 'email' && Value && !isEmail(Value)) throw invalidParameter('Invalid email address format.');
    if (existing && own && !own.Mutable && existing[Name] !== Value)
      throw refuse(`${Name}: Attribute cannot be updated.`);
  }
  const attributes = { ...existing, ...Object.fromEntries(given.map(({ Name, Value }) => [Name, Value ?? ''])) };
  if (attributes.email_verified === 'true' && !attributes.email)
    throw invalidParameter('Email is required to verify/un-verify an email.');
  const missing = schema.find((attribute) => attribute.Required && !attributes[attribute.Name]);
  if (missing && !existing) throw refuse(`${missing.Name}: The attribute ${missing.Name} is required.`);
  return attributes;
}
