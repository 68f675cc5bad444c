import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { synthesize } from '../../../infra/local/synth.ts';
import { temporaryFolder } from './fixture.ts';

/** A project whose "CDK app" writes a manifest with its context, and counts its runs. */
function project(body = '') {
  const root = temporaryFolder();
  for (const folder of ['infra/local', 'shared', 'functions', 'cache'])
    mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(path.join(root, 'cdk.json'), JSON.stringify({ app: 'node infra/app.cjs', context: { flag: true } }));
  writeFileSync(path.join(root, 'shared/route.ts'), 'export const route = 1;');
  writeFileSync(
    path.join(root, 'infra/app.cjs'),
    `const fs = require('node:fs');
     ${body}
     fs.appendFileSync('runs', 'x');
     fs.writeFileSync(process.env.CDK_OUTDIR + '/manifest.json', process.env.CDK_CONTEXT_JSON);`,
  );
  const said: string[] = [];
  const cache = path.join(root, 'cache');
  return {
    root,
    cache,
    said,
    runs: () => (existsSync(path.join(root, 'runs')) ? readFileSync(path.join(root, 'runs'), 'utf8').length : 0),
    synth: () => synthesize({ projectRoot: root, cache, say: (message) => said.push(message) }),
  };
}

test('the app is run once with the context of a laptop; the second time its assembly is there', async () => {
  const { synth, runs, said, cache } = project();
  const assembly = await synth();
  expect(JSON.parse(readFileSync(path.join(assembly, 'manifest.json'), 'utf8'))).toEqual({
    flag: true,
    stage: 'dev',
    'aws:cdk:bundling-stacks': [],
  });
  expect(await synth()).toBe(assembly);
  expect(runs()).toBe(1);
  expect(said).toHaveLength(1);
  expect(readdirSync(cache)).toEqual([path.basename(assembly)]);
});

test.each(['shared/route.ts', 'infra/app.cjs', 'cdk.json'])(
  'a change of %s synthesizes anew, and drops the old assembly',
  async (file) => {
    const { root, synth, runs, cache } = project();
    const before = await synth();
    appendFileSync(path.join(root, file), '\n');
    expect(await synth()).not.toBe(before);
    expect(runs()).toBe(2);
    expect(readdirSync(cache)).toHaveLength(1);
  },
);

test('a new file below functions/ counts; one of the laptop host does not', async () => {
  const { root, synth, runs } = project();
  await synth();
  writeFileSync(path.join(root, 'infra/local/host.ts'), '');
  await synth();
  expect(runs()).toBe(1);
  mkdirSync(path.join(root, 'functions/http'));
  writeFileSync(path.join(root, 'functions/http/device.ts'), '');
  await synth();
  expect(runs()).toBe(2);
});

test('a failing app is told readably, without the frames of libraries, and is not cached', async () => {
  const { root, synth } = project(`if (!fs.existsSync('mended')) {
    console.error('Error: stage: must be dev or prod\\n    at f (/x/node_modules/aws-cdk-lib/core.js:1:1)\\n    at main (infra/app.ts:3:1)');
    process.exit(1);
  }`);
  const failed = await synth().catch((error: unknown) => String(error));
  expect(failed).toContain('The CDK app does not synthesize (node infra/app.cjs, exit 1):');
  expect(failed).toContain('stage: must be dev or prod');
  expect(failed).toContain('infra/app.ts:3:1');
  expect(failed).not.toContain('node_modules');
  writeFileSync(path.join(root, 'mended'), '');
  expect(existsSync(path.join(await synth(), 'manifest.json'))).toBe(true);
});

test('an app that writes nothing, and a missing cdk.json, are refused', async () => {
  const silent = project('process.exit(0);');
  await expect(silent.synth()).rejects.toThrow('wrote no assembly');
  rmSync(path.join(silent.root, 'cdk.json'));
  await expect(silent.synth()).rejects.toThrow(/cdk\.json can't be read/);
});
