/**
 * A house in miniature under a temporary directory: the real configuration of the workshop over a few files that pass every
 * part of the check. A test seeds a violation in it and looks at the verdict.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(import.meta.dirname, '../..');

const CONFIGURATION = [
  '.biome.json',
  '.dependency-cruiser.json',
  '.knip.json',
  '.gitignore',
  'tsconfig.json',
  'infra/node24.cjs',
];

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const FILES: Readonly<Record<string, string>> = {
  'package.json': json({
    name: 'small-house',
    type: 'module',
    scripts: { start: 'node infra/node24.cjs infra/local/start.ts' },
    dependencies: { 'aws-cdk-lib': '*', zod: '*' },
    devDependencies: { '@types/aws-lambda': '*', '@types/node': '*', typescript: '*', vitest: '*' },
  }),
  'package-lock.json': json({
    lockfileVersion: 3,
    packages: { '': { name: 'small-house' }, 'node_modules/zod': { version: '4.0.0', license: 'MIT' } },
  }),
  'shared/platform/env.ts': `import * as z from 'zod';\n\nexport const env = z.object({ TABLE: z.string() });\n`,
  'shared/account/account.ts': `export const greeting = 'welcome';\n`,
  'shared/account/account-store.ts': `export const loadGreeting = async () => 'welcome back';\n`,
  'shared/account/greet.ts': `import { greeting } from './account.ts';\nimport { loadGreeting } from './account-store.ts';\n\nexport const greet = async (known: boolean) => (known ? loadGreeting() : greeting);\n`,
  'shared/api/routes.ts': `export const ROUTES = ['/greeting'];\n`,
  'shared/api/openapi.json': json({ paths: ['/greeting'] }),
  'shared/api/write-openapi.ts': `import { readFileSync } from 'node:fs';
import { ROUTES } from './routes.ts';

const committed = readFileSync(new URL('./openapi.json', import.meta.url), 'utf8');
if (committed !== \`\${JSON.stringify({ paths: ROUTES }, null, 2)}\\n\`) {
  console.error('shared/api/openapi.json differs');
  process.exitCode = 1;
}
`,
  'functions/http/account.ts': `import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';\nimport { greet } from '../../shared/account/greet.ts';\n\nexport const handler: APIGatewayProxyHandlerV2 = async () => ({ body: await greet(true) });\n`,
  'infra/app.ts': `import { App } from 'aws-cdk-lib';\nimport { ROUTES } from '../shared/api/routes.ts';\nimport { env } from '../shared/platform/env.ts';\n\nnew App({ context: { routes: ROUTES, variables: Object.keys(env.shape) } });\n`,
  'infra/local/start.ts': `console.log('started');\n`,
  'test/vitest.config.ts': `import { defineConfig } from 'vitest/config';\n\nexport default defineConfig({ test: { include: ['test/**/*.test.ts'] } });\n`,
  'test/support/client.ts': `export const client = (baseUrl: string) => fetch(baseUrl);\n`,
  'test/system/greeting.test.ts': `import { expect, it } from 'vitest';\nimport { client } from '../support/client.ts';\n\nit('asks', () => expect(client).toBeTypeOf('function'));\n`,
};

export class SmallHouse {
  readonly root: string;

  private constructor(directory: string) {
    this.root = directory;
  }

  static async build(): Promise<SmallHouse> {
    const house = new SmallHouse(await mkdtemp(path.join(tmpdir(), 'small-house-')));
    for (const file of CONFIGURATION) await cp(path.join(root, file), path.join(house.root, file));
    for (const [file, text] of Object.entries(FILES)) await house.write(file, text);
    await symlink(path.join(root, 'node_modules'), path.join(house.root, 'node_modules'), 'junction');
    await promisify(execFile)('git', ['init', '--quiet'], { cwd: house.root });
    return house;
  }

  async write(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(path.join(this.root, file)), { recursive: true });
    await writeFile(path.join(this.root, file), text);
  }

  /** Adds a file, or replaces one, for the time of `look`; then the house is as it was built. */
  async seeded<T>(files: Readonly<Record<string, string>>, look: () => Promise<T>): Promise<T> {
    for (const [file, text] of Object.entries(files)) await this.write(file, text);
    try {
      return await look();
    } finally {
      for (const file of Object.keys(files)) {
        const original = FILES[file];
        if (original !== undefined) await this.write(file, original);
        else if (CONFIGURATION.includes(file)) await cp(path.join(root, file), path.join(this.root, file));
        else await rm(path.join(this.root, file));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
