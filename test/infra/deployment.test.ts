/** What `npx cdk synth` leaves for a deployment: made without a network, and every bundle is a function that loads. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { isThorough } from '../support/effort.ts';
import { ROOT } from '../support/host.ts';

const run = promisify(execFile);
const GUARD = new URL('../support/refuse-outside.mjs', import.meta.url).href;
const MINUTES = 4 * 60_000;

let out: string;
let printed: string;
let homes: string;
let npx: string;
beforeAll(async () => {
  out = mkdtempSync(path.join(tmpdir(), 'custodia-cdk-'));
  homes = mkdtempSync(path.join(tmpdir(), 'custodia-homes-'));
  npx = quickNpx();
  printed = await synth(newHome('fresh'), '--output', out);
}, MINUTES);
afterAll(() => {
  for (const dir of [out, homes]) rmSync(dir, { recursive: true, force: true });
});

/** A home directory in which the CDK has never run. What it remembers elsewhere would hide a call: of its last hour, or that there is no network. */
function newHome(name: string): string {
  const home = path.join(homes, name);
  mkdirSync(home);
  return home;
}

/**
 * A folder with an `npx` that runs what is installed at once: to find esbuild takes npm longer than esbuild takes to bundle, once for
 * each function. `npm run soak` takes npm's own.
 */
function quickNpx(): string {
  const folder = path.join(homes, 'bin');
  mkdirSync(folder);
  const script = `#!/bin/sh\n[ "$1" = --no-install ] && shift\nexec "${ROOT}/node_modules/.bin/$@"\n`;
  writeFileSync(path.join(folder, 'npx'), script, { mode: 0o755 });
  return folder;
}

/** What `npx cdk synth` prints for a person at home there, and what the process prints that it leaves behind to report home. */
async function synth(home: string, ...options: string[]): Promise<string> {
  const cdk = path.join(ROOT, 'node_modules/aws-cdk/bin/cdk');
  const { CI: _, CDK_DISABLE_CLI_TELEMETRY: __, ...inherited } = process.env;
  const made = await run(process.execPath, [cdk, 'synth', '--quiet', ...options], {
    cwd: ROOT,
    env: {
      ...inherited,
      PATH: [...(isThorough ? [] : [npx]), inherited.PATH].join(path.delimiter),
      HOME: home,
      CDK_HOME: path.join(home, '.cdk'),
      CDK_TELEMETRY_SENDER_DEBUG: '1',
      NODE_OPTIONS: `--import ${GUARD}`,
    },
    maxBuffer: 2 ** 26,
  });
  return made.stdout + made.stderr;
}

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
      : name.endsWith('_URL')
        ? 'https://api.example.com'
        : 'name';

describe('cdk synth', () => {
  it('calls nobody', () => {
    expect(printed).toContain('Successfully synthesized');
    expect(printed).not.toContain('OUTSIDE CONNECTION REFUSED');
  });

  it('calls nobody either for a person whose other projects may', async () => {
    const home = newHome('talkative');
    const consent = { notices: true, versionReporting: true, context: { 'cli-telemetry': true } };
    writeFileSync(path.join(home, '.cdk.json'), JSON.stringify(consent));
    // The app needn't run again: its assembly is there.
    const again = await synth(home, '--app', out);
    expect(again).toContain('Successfully synthesized');
    expect(again).not.toContain('OUTSIDE CONNECTION REFUSED');
  });
});

interface Bundle {
  readonly entry: string;
  readonly file: string;
  /** Variables that the template gives it. */
  readonly variables: readonly string[];
}

function bundles(): Bundle[] {
  const template = templateSchema.parse(
    JSON.parse(readFileSync(path.join(out, 'Custodia-Service.template.json'), 'utf8')),
  );
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  return functions.map(({ Metadata, Properties }) => {
    const folder = `asset.${String(Properties.Code.S3Key).replace('.zip', '')}`;
    expect(readdirSync(path.join(out, folder))).toContain('index.mjs');
    const variables = Object.keys(Properties.Environment.Variables);
    return { entry: String(Metadata?.['custodia:entry']), file: path.join(out, folder, 'index.mjs'), variables };
  });
}

it(
  'makes a bundle of each function that loads and exports a handler',
  async () => {
    const made = bundles();
    expect(made.length).toBeGreaterThanOrEqual(16);
    expect(new Set(made.map(({ file }) => file)).size).toBe(made.length);
    // As on Lambda: the variables that the template gives this function, and nothing of ours in reach.
    const loads = made.map(({ entry, file, variables }) => ({
      entry,
      file,
      env: Object.fromEntries(variables.map((name) => [name, likely(name)])),
    }));
    const script = `for (const { entry, file, env } of ${JSON.stringify(loads)}) {
    process.env = { AWS_REGION: 'eu-central-1', ...env };
    const { handler } = await import(file);
    console.log(entry, typeof handler);
  }`;
    const loaded = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: out,
      env: { NODE_OPTIONS: `--import ${GUARD}` },
    });
    expect(loaded.stdout.trim().split('\n')).toEqual(made.map(({ entry }) => `${entry} function`));
    expect(loaded.stderr).toBe('');
  },
  MINUTES,
);

const ACCOUNT = ['DynamoDB', 'KMS', 'Lambda', 'S3'];

/** The SDK clients that each function works with. */
const CLIENTS: Record<string, string[]> = {
  'http/account': ACCOUNT,
  'http/api-clients': ACCOUNT,
  'http/buckets': ACCOUNT,
  'http/connectors': ACCOUNT,
  'http/deletions': ACCOUNT,
  'http/devices': ACCOUNT,
  'http/exports': ACCOUNT,
  'http/imports': ACCOUNT,
  'http/ingest': ACCOUNT,
  'http/instance': ['IoT'],
  'http/members': ACCOUNT,
  'http/operator': ACCOUNT,
  'http/products': ACCOUNT,
  'http/readings': ACCOUNT,
  'identity/authorizer': ['DynamoDB'],
  'identity/broker': ['DynamoDB', 'KMS', 'STS'],
  'identity/provisioner': ['DynamoDB', 'IoT', 'IoT Data Plane', 'KMS'],
  'identity/registrar': ['Cognito Identity Provider', 'DynamoDB', 'SQS'],
  'jobs/run-jobs': [...ACCOUNT, 'SQS'],
  'mqtt/presence': ['DynamoDB', 'IoT Data Plane'],
  'queue/compact': ['DynamoDB', 'KMS', 'S3'],
  'queue/dead-letters': ['DynamoDB', 'KMS', 'S3'],
  'queue/end-secrets': ['Cognito Identity Provider'],
  'queue/ingest': ['DynamoDB', 'KMS', 'S3'],
  'schedule/sweep': ['DynamoDB', 'SQS'],
};
/** By which a client names itself. */
const SERVICE_ID = /serviceId:[^,]{0,40}?"([A-Z][^"]*)"/g;

it('puts into each bundle its own SDK clients, and neither the API’s description nor zod’s languages', () => {
  const made = bundles().map(({ entry, file }) => ({
    name: entry.replace(/^functions\/|\.ts$/g, ''),
    code: readFileSync(file, 'utf8'),
  }));
  const clients = made.map(({ name, code }) => [
    name,
    [...new Set([...code.matchAll(SERVICE_ID)].map(([, id]) => id))].toSorted(),
  ]);
  expect(Object.fromEntries(clients)).toEqual(CLIENTS);
  const describing = made.filter(({ code }) => code.includes('securitySchemes')).map(({ name }) => name);
  expect(describing).toEqual(['http/instance']);
  // `import { z } from 'zod'` would bring them along: a third of a megabyte.
  expect(made.filter(({ code }) => code.includes('erwartet instanceof')).map(({ name }) => name)).toEqual([]);
});
