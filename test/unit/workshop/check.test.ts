import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARTS } from '../../support/checks/parts.ts';
import { SmallHouse } from '../../support/small-house.ts';

interface Violation {
  readonly part: string;
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly says: RegExp;
}

const lockfileWith = (name: string, entry: Record<string, unknown>) =>
  JSON.stringify({ packages: { '': {}, [`node_modules/${name}`]: entry } });

// Seeds that hygiene would find in this very file are put together at run time.
const joined = (...parts: string[]) => parts.join('');

const VIOLATIONS: readonly Violation[] = [
  {
    part: 'format',
    what: 'a file nobody formatted',
    files: { 'shared/account/account.ts': `export const greeting="welcome"` },
    says: /account\.ts format/,
  },
  {
    part: 'lint',
    what: 'an any',
    files: { 'shared/account/account.ts': `export const greeting: any = 'welcome';\n` },
    says: /noExplicitAny/,
  },
  {
    part: 'lint',
    what: 'what the linter only warns of',
    files: {
      'shared/account/account.ts': `export const greeting = 'wel' + 'come';\nif (greeting == 'x') process.exit();\n`,
    },
    says: /noDoubleEquals|useTemplate/,
  },
  {
    part: 'lint',
    what: 'a test that silences the others',
    files: { 'test/unit/x.test.ts': `import { it } from 'vitest';\n\nit.only('is alone', () => {});\n` },
    says: /noFocusedTests/,
  },
  {
    part: 'types',
    what: 'an undefined that strict sees',
    files: { 'shared/account/account.ts': `export const greeting: string = ['welcome'][0];\n` },
    says: /account\.ts\(1,14\): error TS2322/,
  },
  {
    part: 'boundaries',
    what: 'a use case that knows where it runs',
    files: {
      'shared/account/greet.ts': `import '../../infra/local/start.ts';\n\nexport const greet = async (known: boolean) => String(known);\n`,
    },
    says: /shared-reaches-shared-only: shared\/account\/greet\.ts → infra\/local\/start\.ts/,
  },
  {
    part: 'dead code',
    what: 'a file nobody imports',
    files: { 'shared/account/forgotten.ts': 'export const forgotten = 1;\n' },
    says: /Unused files[\s\S]*shared\/account\/forgotten\.ts/,
  },
  {
    part: 'dead code',
    what: 'an export nobody uses',
    files: { 'shared/account/account.ts': `export const greeting = 'welcome';\nexport const unused = 1;\n` },
    says: /Unused exports[\s\S]*unused/,
  },
  {
    part: 'OpenAPI drift',
    what: 'a route the committed document lacks',
    files: { 'shared/api/routes.ts': `export const ROUTES = ['/greeting', '/farewell'];\n` },
    says: /openapi\.json differs/,
  },
  {
    part: 'licences',
    what: 'a package under the AGPL',
    files: { 'package-lock.json': lockfileWith('x', { license: 'AGPL-3.0-only' }) },
    says: /node_modules\/x: AGPL-3\.0-only/,
  },
  {
    part: 'licences',
    what: 'a package that names no licence',
    files: { 'package-lock.json': lockfileWith('not-there', {}) },
    says: /not-there: names no licence/,
  },
  {
    part: 'hygiene',
    what: 'a download address in the lockfile',
    files: {
      'package-lock.json': lockfileWith('zod', { license: 'MIT', resolved: 'https://registry.npmjs.org/zod.tgz' }),
    },
    says: /package-lock\.json:1: download address/,
  },
  {
    part: 'hygiene',
    what: 'a path of one machine',
    files: { 'notes.md': joined('\nSee /ho', 'me/sam/custodia/notes.\n') },
    says: /notes\.md:2: machine path/,
  },
  {
    part: 'hygiene',
    what: 'a host only we can reach',
    files: { 'notes.md': joined('See http://10', '.1.2.3:8080/wiki.\n') },
    says: /notes\.md:1: private host/,
  },
  {
    part: 'hygiene',
    what: 'an AWS access key',
    files: { 'notes.md': joined('AKI', 'AQ5GNXJ2ZLMTEWK4P\n') },
    says: /notes\.md:1: AWS access key id/,
  },
  {
    part: 'hygiene',
    what: 'a private key',
    files: { 'key.pem': joined('-----BEGIN EC PRIV', 'ATE KEY-----\nMHcCAQEEIGa8y0WbZkq3\n') },
    says: /key\.pem:1: private key/,
  },
];

const partNamed = (name: string) => PARTS.find((part) => part.name === name);

let house: SmallHouse;
beforeAll(async () => {
  house = await SmallHouse.build();
});
afterAll(() => house[Symbol.asyncDispose]());

describe('a part of the check', () => {
  it('has a seeded violation here, each of them', () => {
    expect(new Set(VIOLATIONS.map(({ part }) => part))).toEqual(new Set(PARTS.map(({ name }) => name)));
  });

  it.each(VIOLATIONS)('$part fails on $what', async ({ part, files, says }) => {
    const verdict = await house.seeded(files, async () => partNamed(part)?.run(house.root));
    expect(verdict).toEqual({ ok: false, output: expect.stringMatching(says) });
  });

  it.each([
    [
      'licences',
      'a choice that includes a free licence',
      { 'package-lock.json': lockfileWith('x', { license: '(MIT OR GPL-3.0-or-later)' }) },
    ],
    [
      'licences',
      'what only a developer installs',
      { 'package-lock.json': lockfileWith('x', { license: 'GPL-3.0-only', dev: true }) },
    ],
    ['hygiene', "a file that git doesn't take", { '.local/x.md': joined('/ro', 'ot/secret/') }],
    ['hygiene', "AWS's own example of a key", { 'notes.md': 'AKIAIOSFODNN7EXAMPLE' }],
    ['hygiene', 'what only looks like a key', { 'notes.md': 'ASIAAAAAAAAAAAAAAAAA' }],
  ])('%s passes %s', async (part, _what, files) => {
    const verdict = await house.seeded(files, async () => partNamed(part)?.run(house.root));
    expect(verdict).toEqual({ ok: true, output: '' });
  });
});
