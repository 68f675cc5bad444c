import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARTS } from '../../support/checks/parts.ts';
import { SmallHouse } from '../../support/small-house.ts';

let house: SmallHouse;
beforeAll(async () => {
  house = await SmallHouse.build();
});
afterAll(() => house[Symbol.asyncDispose]());

describe('npm run check', () => {
  const check = path.join(import.meta.dirname, '../../support/check.ts');
  const run = () =>
    promisify(execFile)(process.execPath, [check, '--root', house.root]).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
    );

  it('passes a house in order, with a line for each part', async () => {
    const { code, stdout } = await run();
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toEqual([...PARTS.map(({ name }) => `✓ ${name}`), `check: ${PARTS.length} passed, 0 failed`]);
    expect(code).toBe(0);
  });

  it('fails with the finding when one part does', async () => {
    const files = { 'notes.md': `${'AKI'}AQ5GNXJ2ZLMTEWK4P\n` };
    const { code, stdout } = await house.seeded(files, run);
    expect(stdout).toMatch(/✗ hygiene\n {4}notes\.md:1: AWS access key id\ncheck: \d+ passed, 1 failed\n$/);
    expect(code).toBe(1);
  });
});
