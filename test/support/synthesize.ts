/**
 * The app's templates, as `cdk synth` makes them: the command of cdk.json in its own process, with this context. Without bundling,
 * which a test of its own looks at. Files of one run that ask with the same context share the synthesis.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { ROOT } from './host.ts';
import { madeOnce, runFolder } from './run-folder.ts';

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.any()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  Metadata: z.record(z.string(), z.unknown()).optional(),
});

const template = z.object({
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown(), Export: z.unknown().optional() })).default({}),
});
export type Template = z.output<typeof template>;

const report = z.object({
  pluginReports: z.array(
    z.object({
      suppressedViolations: z.array(z.object({ acknowledgedAt: z.string(), acknowledgedId: z.string() })).default([]),
    }),
  ),
});
const REPORT = 'validation-report.json';

const metadata = z.record(z.string(), z.array(z.looseObject({ type: z.string(), data: z.unknown() })));

export interface Synthesis {
  readonly ok: boolean;
  readonly output: string;
  /** By stack. */
  readonly templates: Readonly<Record<string, Template>>;
  /** Rules acknowledged, by the path of the construct. */
  readonly acknowledged: readonly Acceptance[];
  /** Those of them that a rule's finding needed. */
  readonly needed: readonly Acceptance[];
}

interface Acceptance {
  readonly construct: string;
  readonly rule: string;
}

/** Beside the assembly: how the process ended. */
const ENDING = 'ending.json';
const ending = z.object({ ok: z.boolean(), output: z.string() });

export function synthesize(context: Readonly<Record<string, unknown>>): Synthesis {
  const folder = runFolder();
  if (folder === undefined) throw new Error('Syntheses are kept for a test run, and there is none.');
  const hash = createHash('sha256').update(JSON.stringify(context)).digest('hex');
  const out = madeOnce(folder, `syntheses/${hash}`, (draft) => writeAssembly(draft, context));
  const files = readdirSync(out);
  const read = (file: string): unknown => JSON.parse(readFileSync(path.join(out, file), 'utf8'));
  const stacks = files
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => file.replace('.template.json', ''));
  return {
    ...ending.parse(read(ENDING)),
    templates: Object.fromEntries(stacks.map((stack) => [stack, template.parse(read(`${stack}.template.json`))])),
    acknowledged: stacks.flatMap((stack) => acknowledgedIn(read(`${stack}.metadata.json`))),
    needed: files.includes(REPORT) ? neededIn(read(REPORT)) : [],
  };
}

function writeAssembly(out: string, context: Readonly<Record<string, unknown>>): void {
  const { app, context: flags } = z
    .object({ app: z.string(), context: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync(path.join(ROOT, 'cdk.json'), 'utf8')));
  const [command = 'node', ...args] = app.split(' ');
  const CDK_CONTEXT_JSON = JSON.stringify({ ...flags, 'aws:cdk:bundling-stacks': [], ...context });
  const run = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    // CloudFormation's own rules take most of a synthesis; the test that bundles has them checked.
    env: { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON, CDK_VALIDATION: 'false' },
  });
  const end: z.input<typeof ending> = { ok: run.status === 0, output: run.stdout + run.stderr };
  writeFileSync(path.join(out, ENDING), JSON.stringify(end));
}

function acknowledgedIn(file: unknown) {
  return Object.entries(metadata.parse(file)).flatMap(([construct, entries]) =>
    entries
      .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
      .flatMap(({ data }) =>
        Object.keys(z.record(z.string(), z.unknown()).parse(data)).map((rule) => ({ construct, rule })),
      ),
  );
}

const neededIn = (file: unknown): Acceptance[] =>
  report.parse(file).pluginReports.flatMap(({ suppressedViolations }) =>
    suppressedViolations.map(({ acknowledgedAt, acknowledgedId }) => ({
      construct: `/${acknowledgedAt}`,
      rule: acknowledgedId,
    })),
  );

/** All resources of a type, with stack and logical id. */
export function resourcesOf({ templates }: Synthesis, type: string) {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, found]) => ({ stack, id, ...found })),
  );
}
