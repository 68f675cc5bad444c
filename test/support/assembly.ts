/**
 * What the CDK app makes, as CloudFormation gets it: the app's own command in a child process, as `cdk synth` and the laptop host
 * run it. Read once for each stage in a test process; nothing stays on disk.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { ROOT } from './host.ts';

export type Stage = 'dev' | 'prod';

const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.any()).default({}),
      Metadata: z.record(z.string(), z.unknown()).default({}),
      DeletionPolicy: z.string().optional(),
      UpdateReplacePolicy: z.string().optional(),
    }),
  ),
  Outputs: z
    .record(
      z.string(),
      z.object({
        Value: z.unknown(),
        Description: z.string().optional(),
        Export: z.object({ Name: z.string() }).optional(),
      }),
    )
    .default({}),
});
export type Template = z.output<typeof template>;

export type Resource = Template['Resources'][string] & {
  readonly stack: string;
  readonly logicalId: string;
  /** Where its construct stands, without the stack and CDK's own `Resource`: `Tables/Entities`. */
  readonly path: string;
};

const finding = z.object({
  ruleName: z.string(),
  violatingConstructs: z.array(z.object({ constructPath: z.string() })),
});
const report = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      violations: z.array(finding),
      suppressedViolations: z.array(finding.extend({ acknowledgedAt: z.string() })).default([]),
    }),
  ),
});

const metadata = z.record(z.string(), z.array(z.object({ type: z.string(), data: z.unknown() })));
const ACKNOWLEDGED = 'aws:cdk:acknowledged-rules';

export interface Assembly {
  /** By the stack's name. */
  readonly templates: ReadonlyMap<string, Template>;
  readonly resources: readonly Resource[];
  readonly findings: z.output<typeof report>['pluginReports'];
  /** `path rule` for every acknowledgement that a construct carries. */
  readonly acknowledgements: readonly string[];
}

export interface Synthesis {
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
  /** Where it wrote the assembly, if it did: gone with `dispose`. */
  readonly dir: string;
  dispose(): void;
}

const cdk = z.object({ app: z.string(), context: z.record(z.string(), z.unknown()) });

/** Runs the app with this context beside that of `cdk.json`; functions aren't bundled. */
export async function synthesize(context: Readonly<Record<string, unknown>>): Promise<Synthesis> {
  const { app, context: own } = cdk.parse(JSON.parse(readFileSync(path.join(ROOT, 'cdk.json'), 'utf8')));
  const dir = mkdtempSync(path.join(tmpdir(), 'custodia-assembly-'));
  const all = { ...own, 'aws:cdk:bundling-stacks': [], 'aws:cdk:enable-path-metadata': true, ...context };
  // CloudFormation's own rules take most of a synthesis; the test that bundles has them checked.
  const env = { ...process.env, CDK_VALIDATION: 'false', CDK_OUTDIR: dir, CDK_CONTEXT_JSON: JSON.stringify(all) };
  const [command = '', ...args] = app.split(' ');
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output, dir, dispose: () => rmSync(dir, { recursive: true, force: true }) };
}

const read = <T extends z.ZodType>(schema: T, ...file: string[]): z.output<T> =>
  schema.parse(JSON.parse(readFileSync(path.join(...file), 'utf8')));

/** The assembly in a folder. */
export function readAssembly(dir: string): Assembly {
  const templates = new Map<string, Template>();
  const acknowledgements: string[] = [];
  for (const file of readdirSync(dir).filter((name) => name.endsWith('.template.json'))) {
    const stack = file.replace('.template.json', '');
    templates.set(stack, read(template, dir, file));
    for (const [at, entries] of Object.entries(read(metadata, dir, `${stack}.metadata.json`))) {
      const rules = entries
        .filter(({ type }) => type === ACKNOWLEDGED)
        .flatMap(({ data }) => Object.keys(Object(data)));
      acknowledgements.push(...rules.map((rule) => `${at.slice(1)} ${rule}`));
    }
  }
  const resources = [...templates].flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([logicalId, resource]) => ({
      ...resource,
      stack,
      logicalId,
      path: String(resource.Metadata['aws:cdk:path'] ?? logicalId).replace(/^[^/]+\/|\/Resource$/g, ''),
    })),
  );
  const { pluginReports } = read(report, dir, 'validation-report.json');
  return { templates, resources, findings: pluginReports, acknowledgements };
}

const assemblies = new Map<Stage, Promise<Assembly>>();

/** The app at its defaults, but for the stage. */
export function assembly(stage: Stage): Promise<Assembly> {
  const known = assemblies.get(stage) ?? make(stage);
  assemblies.set(stage, known);
  return known;
}

async function make(stage: Stage): Promise<Assembly> {
  const made = await synthesize({ stage });
  try {
    if (made.code !== 0) throw new Error(`The app does not synthesize:\n${made.output}`);
    return readAssembly(made.dir);
  } finally {
    made.dispose();
  }
}

export const ofType = ({ resources }: Assembly, type: string): Resource[] =>
  resources.filter((resource) => resource.Type === type);

/** The one resource of a construct. */
export function at({ resources }: Assembly, where: string): Resource {
  const [found, ...more] = resources.filter(({ path: where_ }) => where_ === where);
  if (!found || more.length > 0) throw new Error(`${more.length + (found ? 1 : 0)} resources at ${where}`);
  return found;
}
