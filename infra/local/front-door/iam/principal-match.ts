/** Who a `Principal` element names, and how directly: it decides whether a resource policy grants, or only delegates. */
import type { Principal as Caller } from '../../contract.ts';

/**
 * - `account`: the account itself is named: it may give the right to its roles by their own policies, no more.
 * - `role`: the role is named, or everybody is: a grant, which a session policy can still narrow.
 * - `session`: this very session, or the service, is named: a grant beyond any session policy.
 */
export type Nearness = 'account' | 'role' | 'session';

export type PrincipalTest = (caller: Caller, account: string) => Nearness | undefined;

type PrincipalElement = '*' | Readonly<Record<string, string | readonly string[]>>;

const ORDER: readonly Nearness[] = ['session', 'role', 'account'];
const AWS_PRINCIPAL = /^(\*|\d{12}|arn:[\w-]+:(iam|sts)::\d{12}:[^*?]+)$/;

export function compilePrincipal(element: PrincipalElement): PrincipalTest {
  const entries = element === '*' ? [['AWS', '*'] as const] : Object.entries(element);
  const tests = entries.flatMap(([kind, values]) => [values].flat().map((value) => compileOne(kind, value)));
  return (caller, account) => {
    const near = tests.map((test) => test(caller, account));
    return ORDER.find((nearness) => near.includes(nearness));
  };
}

function compileOne(kind: string, value: string): PrincipalTest {
  switch (kind) {
    case 'AWS':
      if (!AWS_PRINCIPAL.test(value)) throw new Error(`invalid principal "AWS": "${value}"`);
      return (caller, account) => matchAws(value, caller, account);
    case 'Service':
      return (caller) => (caller.kind === 'service' && caller.service === value ? 'session' : undefined);
    case 'Federated':
      // Nobody signs in to IAM through a federation on the laptop.
      return () => undefined;
    default:
      throw new Error(`unknown kind of principal "${kind}"`);
  }
}

function matchAws(value: string, caller: Caller, account: string): Nearness | undefined {
  // As on AWS, a star means everybody: services too.
  if (value === '*') return 'role';
  if (caller.kind !== 'session') return undefined;
  if (value === caller.arn) return 'session';
  if (value === caller.roleArn) return 'role';
  return value === account || value === `arn:aws:iam::${account}:root` ? 'account' : undefined;
}
