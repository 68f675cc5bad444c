/**
 * Scopes and roles: the one table of what a token may ask for and what a role holds. A scope is a noun and a verb
 * (`devices.read`); in a token it carries the resource server's name (`custodia/devices.read`). A scope in a token is a
 * request, never a right: rights are the principal's role or kind (directory) ∩ the token's scopes.
 */
export const RESOURCE_SERVER = 'custodia';

/** Noun → its verbs and what they cover, in words for the consent of a person. */
const NOUNS = {
  account: ['read', 'write'],
  members: ['read', 'write'],
  'api-clients': ['read', 'write'],
  products: ['read', 'write'],
  devices: ['read', 'write'],
  buckets: ['read', 'write'],
  readings: ['read', 'write'],
  connectors: ['read', 'write'],
  'rejected-messages': ['read'],
  processing: ['read'],
  'audit-events': ['read', 'write'],
  'service-data': ['read'],
  exports: ['read', 'write'],
  imports: ['read', 'write'],
  'backup-plan': ['read', 'write'],
  snapshots: ['read', 'write'],
  erasures: ['read', 'write'],
  'payment-method': ['read', 'write'],
  transactions: ['read'],
  policies: ['read', 'write'],
  reviews: ['read', 'write'],
} as const;

type Nouns = typeof NOUNS;
export type AccountScope = { [N in keyof Nouns]: `${N}.${Nouns[N][number]}` }[keyof Nouns];
export const OPERATOR_SCOPE = 'operator';

export const ACCOUNT_SCOPES: readonly AccountScope[] = Object.entries(NOUNS).flatMap(([noun, verbs]) =>
  verbs.map((verb) => `${noun}.${verb}` as AccountScope),
);

export const isAccountScope = (scope: string): scope is AccountScope =>
  (ACCOUNT_SCOPES as readonly string[]).includes(scope);

export const ROLES = ['owner', 'admin', 'editor', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const HIDDEN_FROM_VIEWERS = ['members', 'api-clients', 'audit-events', 'payment-method', 'transactions'];
const WRITTEN_BY_EDITORS = ['products', 'devices', 'buckets', 'readings', 'connectors', 'exports'];
const HANDLED_BY_ADMINS = [
  'members',
  'api-clients',
  'audit-events',
  'imports',
  'backup-plan',
  'snapshots',
  'reviews',
  'policies',
  'erasures',
];

const noun = (scope: string) => scope.slice(0, scope.lastIndexOf('.'));
const viewer = ACCOUNT_SCOPES.filter((s) => s.endsWith('.read') && !HIDDEN_FROM_VIEWERS.includes(noun(s)));
const editor = [
  ...viewer,
  ...ACCOUNT_SCOPES.filter((s) => s.endsWith('.write') && WRITTEN_BY_EDITORS.includes(noun(s))),
];
const admin = [...new Set([...editor, ...ACCOUNT_SCOPES.filter((s) => HANDLED_BY_ADMINS.includes(noun(s)))])];

export const ROLE_SCOPES: Readonly<Record<Role, readonly AccountScope[]>> = {
  viewer,
  editor,
  admin,
  owner: ACCOUNT_SCOPES,
};

/** The scopes of our resource server in a token's `scope` claim, without the server's name. */
export function scopesOfClaim(claim: string): string[] {
  const prefix = `${RESOURCE_SERVER}/`;
  return claim.split(' ').flatMap((scope) => (scope.startsWith(prefix) ? [scope.slice(prefix.length)] : []));
}
