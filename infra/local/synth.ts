/** Synthesizes the CDK app in a child process, as `cdk deploy` does, unless nothing that it reads has changed since. */
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { messageOf, Refusal } from './refusal.ts';
import { contentHash } from './source-hash.ts';

const cdkSchema = z.looseObject({ app: z.string(), context: z.record(z.string(), z.unknown()).default({}) });

/** `dev` may be destroyed; no code is bundled, because functions run from their sources. */
const LAPTOP_CONTEXT = { stage: 'dev', 'aws:cdk:bundling-stacks': [] };
/** The CDK's own check of templates takes half of a synthesis, and is the business of `npm run check` and of a deployment. */
const LAPTOP_ENV = { CDK_VALIDATION: 'false' };
const MANIFEST = 'manifest.json';

export interface Synthesis {
  readonly projectRoot: string;
  /** Where assemblies are kept, by the hash of what they were made from. */
  readonly cache: string;
  readonly signal?: AbortSignal;
  say(message: string): void;
}

/** Answers the folder of the assembly. */
export async function synthesize({ projectRoot, cache, signal, say }: Synthesis): Promise<string> {
  const { app, context } = await readCdkFile(path.join(projectRoot, 'cdk.json'));
  const contextJson = JSON.stringify({ ...context, ...LAPTOP_CONTEXT });
  const assembly = path.join(cache, await contentHash(projectRoot, [app, contextJson]));
  if (await isThere(path.join(assembly, MANIFEST))) return assembly;

  say('Synthesizing the CDK app …');
  const draft = path.join(cache, `draft-${process.pid}`);
  await emptyFolder(cache);
  await mkdir(draft, { recursive: true });
  await run(app, projectRoot, { ...LAPTOP_ENV, CDK_OUTDIR: draft, CDK_CONTEXT_JSON: contextJson }, signal);
  if (!(await isThere(path.join(draft, MANIFEST)))) throw new Refusal(`The CDK app (${app}) wrote no assembly.`);
  await rename(draft, assembly);
  return assembly;
}

async function readCdkFile(file: string) {
  try {
    return cdkSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new Refusal(`${file} can't be read: ${messageOf(error)}`, 1, { cause: error });
  }
}

const isThere = (file: string): Promise<boolean> =>
  readFile(file).then(
    () => true,
    () => false,
  );

/** Only the newest assembly is kept. */
async function emptyFolder(dir: string): Promise<void> {
  for (const name of await readdir(dir).catch(() => []))
    await rm(path.join(dir, name), { recursive: true, force: true });
}

function run(
  command: string,
  cwd: string,
  env: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // Without a shell, unlike the CDK's command line: a signal would end the shell alone.
    const [program = '', ...args] = command.split(/\s+/);
    const child = spawn(program, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      signal,
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
    child.on('error', (error) =>
      reject(new Refusal(`The CDK app can't be run: ${error.message}`, 1, { cause: error })),
    );
    child.on('close', (code) => {
      if (code === 0) resolve();
      else
        reject(new Refusal(`The CDK app does not synthesize (${command}, exit ${code}):\n${readable(said.join(''))}`));
    });
  });
}

/** Without the frames of libraries and of Node, which say nothing to who has to mend the app. */
function readable(output: string): string {
  const lines = output.split('\n').filter((line) => !/^\s+at .*(node_modules|node:internal)/.test(line));
  return lines.join('\n').trim();
}
