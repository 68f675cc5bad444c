import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { boundaries } from '../../support/checks/boundaries.ts';
import { SmallHouse } from '../../support/small-house.ts';

const text = readFileSync(path.join(import.meta.dirname, '../../../.dependency-cruiser.json'), 'utf8');
const schema = z.object({ forbidden: z.array(z.looseObject({ name: z.string() })), options: z.looseObject({}) });
const configuration = schema.parse(JSON.parse(text));

/** Per rule: the file that breaks it, and what that imports. */
const BREAKS: Readonly<Record<string, readonly [file: string, imported: string]>> = {
  'functions-reach-shared-only': ['functions/http/a.ts', '../../infra/app.ts'],
  'shared-reaches-shared-only': ['shared/account/a.ts', '../../functions/http/account.ts'],
  'stores-are-private': ['shared/device/a.ts', '../account/account-store.ts'],
  'platform-has-no-domain': ['shared/platform/a.ts', '../account/account.ts'],
  'infra-reads-contracts-only': ['infra/stacks/a.ts', '../../functions/http/account.ts'],
  'templates-ignore-the-laptop': ['infra/constructs/a.ts', '../local/start.ts'],
  'laptop-knows-the-assembly-only': ['infra/local/a.ts', '../../shared/platform/env.ts'],
  'nothing-imports-tests': ['shared/account/b.ts', '../../test/support/client.ts'],
  'system-tests-are-black-box': ['test/system/a.test.ts', '../../shared/account/account.ts'],
  'every-import-resolves': ['shared/account/c.ts', './not-there.ts'],
  'no-circular': ['shared/account/d.ts', './e.ts'],
  'production-has-no-dev-dependency': ['shared/account/f.ts', 'vitest'],
};

let house: SmallHouse;
beforeAll(async () => {
  house = await SmallHouse.build();
});
afterAll(() => house[Symbol.asyncDispose]());

it('finds each rule broken once, where it is broken', async () => {
  const files = Object.fromEntries(Object.values(BREAKS).map(([file, imported]) => [file, `import '${imported}';\n`]));
  const verdict = await house.seeded({ ...files, 'shared/account/e.ts': `import './d.ts';\n` }, () =>
    boundaries.run(house.root),
  );
  const found = verdict.output.split('\n').map((line) => line.split(' → ')[0]);
  expect(verdict.ok).toBe(false);
  expect(configuration.forbidden.map(({ name }) => name).sort()).toEqual(Object.keys(BREAKS).sort());
  for (const [rule, [file]] of Object.entries(BREAKS)) expect(found).toContain(`${rule}: ${file}`);
});

it('lets a concept use another one’s public files, its own store, and contracts', async () => {
  const files = {
    'shared/device/a.ts': `import '../account/greet.ts';\nimport './device-store.ts';\n`,
    'shared/device/device-store.ts': `import '../platform/env.ts';\n`,
    'infra/stacks/a.ts': `import '../../shared/api/routes.ts';\n`,
    'test/unit/a.test.ts': `import '../../shared/account/account-store.ts';\n`,
  };
  expect(await house.seeded(files, () => boundaries.run(house.root))).toEqual({ ok: true, output: '' });
});

it('fails when the tool leaves files out, as it does where it has no parser for TypeScript', async () => {
  const blind = JSON.stringify({
    ...configuration,
    options: { ...configuration.options, exclude: '^shared/account/' },
  });
  const verdict = await house.seeded({ '.dependency-cruiser.json': blind }, () => boundaries.run(house.root));
  expect(verdict.ok).toBe(false);
  expect(verdict.output).toContain('not looked at: shared/account/greet.ts');
});
