/** What `npx cdk synth` leaves for a deployment: made without a network, and every bundle is a function that loads. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { ROOT } from '../support/host.ts';

const run = promisify(execFile);
const GUARD = new URL('../support/refuse-outside.mjs', import.meta.url).href;
const MINUTES = 4 * 60_000;

let out: string;
let printed: string;
beforeAll(async () => {
  out = mkdtempSync(path.join(tmpdir(), 'custodia-cdk-'));
  const cdk = path.join(ROOT, 'node_modules/aws-cdk/bin/cdk');
  const env = { ...process.env, NODE_OPTIONS: `--import ${GUARD}`, CDK_DISABLE_VERSION_CHECK: '1' };
  const made = await run(process.execPath, [cdk, 'synth', '--quiet', '--output', out], {
    cwd: ROOT,
    env,
    maxBuffer: 2 ** 26,
  });
  printed = made.stdout + made.stderr;
}, MINUTES);
afterAll(() => rmSync(out, { recursive: true, force: true }));

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Metadata: z.record(z.string(), z.unknown()).optional(),
      Properties: z.record(z.string(), z.any()).default({}),
    }),
  ),
});

/** A value of the right form for a variable; functions look at them when they load. */
const likely = (name: string) =>
  name.endsWith('POOL_ID')
    ? `eu-central-1_${name.replaceAll('_', '')}`
    : name.endsWith('_QUEUE')
      ? 'https://sqs.example.com/1/queue'
      : 'name';

it('calls nobody', () => {
  expect(printed).toContain('Successfully synthesized');
  expect(printed).not.toContain('OUTSIDE CONNECTION REFUSED');
});

it(
  'makes a bundle of each function that loads and exports a handler',
  async () => {
    const template = templateSchema.parse(
      JSON.parse(readFileSync(path.join(out, 'Custodia-Service.template.json'), 'utf8')),
    );
    const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    const bundles = functions.map(({ Metadata, Properties }) => {
      const folder = `asset.${String(Properties.Code.S3Key).replace('.zip', '')}`;
      expect(readdirSync(path.join(out, folder))).toContain('index.mjs');
      const variables = Object.keys(Properties.Environment.Variables);
      return { entry: String(Metadata?.['custodia:entry']), file: path.join(out, folder, 'index.mjs'), variables };
    });
    expect(bundles.length).toBeGreaterThanOrEqual(16);
    expect(new Set(bundles.map(({ file }) => file)).size).toBe(bundles.length);
    const names = [...new Set(bundles.flatMap(({ variables }) => variables))];
    // As on Lambda: the variables of the template, and nothing of ours in reach.
    const env = {
      AWS_REGION: 'eu-central-1',
      ...Object.fromEntries(names.map((name) => [name, likely(name)])),
      NODE_OPTIONS: `--import ${GUARD}`,
    };
    const script = `for (const { entry, file } of ${JSON.stringify(bundles)}) {
    const { handler } = await import(file);
    console.log(entry, typeof handler);
  }`;
    const loaded = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: out, env });
    expect(loaded.stdout.trim().split('\n')).toEqual(bundles.map(({ entry }) => `${entry} function`));
    expect(loaded.stderr).toBe('');
  },
  MINUTES,
);
