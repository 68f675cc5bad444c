/** Passwords: bcrypt hashes, the pool's policy in force and in words, and temporary ones that satisfy it. */
import { createHash } from 'node:crypto';
import { compare, hash } from 'bcryptjs';
import { AwsError } from '../../../contract.ts';
import type { PasswordPolicy } from '../pool/pool-settings.ts';
import { pick } from '../store/random.ts';

const MAX_LENGTH = 256;
/** The ASCII symbols that Cognito counts; a space counts inside a password, not at its ends. */
const SYMBOL = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]|\S \S/;

/** bcrypt reads 72 bytes; digesting first lets every character of a longer password count. */
const prepare = (password: string) => createHash('sha256').update(password).digest('base64');

export type Passwords = ReturnType<typeof createPasswords>;

/** `cost` is bcrypt's: each step doubles the time of a guess. */
export function createPasswords(cost: number) {
  /** Of no password: comparing with it takes as long as with a real one, so that a missing user can't be told by time. */
  const nobody = hash('', cost);
  return {
    hash: (password: string): Promise<string> => hash(prepare(password), cost),
    async match(password: string, storedHash: string | undefined): Promise<boolean> {
      const matches = await compare(prepare(password), storedHash ?? (await nobody));
      return matches && storedHash !== undefined;
    },
  };
}

const rules = (policy: PasswordPolicy) =>
  [
    {
      on: true,
      test: (p: string) => p.length >= policy.MinimumLength,
      fault: 'not long enough',
      words: `at least ${policy.MinimumLength} characters`,
    },
    {
      on: policy.RequireUppercase,
      test: (p: string) => /[A-Z]/.test(p),
      fault: 'must have uppercase characters',
      words: 'an uppercase letter',
    },
    {
      on: policy.RequireLowercase,
      test: (p: string) => /[a-z]/.test(p),
      fault: 'must have lowercase characters',
      words: 'a lowercase letter',
    },
    {
      on: policy.RequireNumbers,
      test: (p: string) => /[0-9]/.test(p),
      fault: 'must have numeric characters',
      words: 'a number',
    },
    {
      on: policy.RequireSymbols,
      test: (p: string) => SYMBOL.test(p),
      fault: 'must have symbol characters',
      words: 'a symbol',
    },
  ].filter((rule) => rule.on);

export function checkPassword(policy: PasswordPolicy, password: string): void {
  const broken = rules(policy).find((rule) => !rule.test(password));
  const fault = broken ? `Password ${broken.fault}` : password.length > MAX_LENGTH ? 'Password too long' : undefined;
  if (fault) throw new AwsError('InvalidPasswordException', `Password did not conform with password policy: ${fault}`);
}

/** The policy for the person who must choose a password. */
export const policyInWords = (policy: PasswordPolicy): string =>
  `A password has ${new Intl.ListFormat('en').format(rules(policy).map((rule) => rule.words))}.`;

/** Satisfies every policy: all four kinds, no character that is mistaken for another when typed from a mail. */
export function temporaryPassword(policy: PasswordPolicy): string {
  const kinds = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnpqrstuvwxyz', '23456789', '!#%*+-?@'];
  const length = Math.max(policy.MinimumLength, 12);
  return Array.from({ length }, (_, index) => pick(kinds[index % kinds.length]!)).join('');
}
