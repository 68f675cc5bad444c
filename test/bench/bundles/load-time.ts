/** How long a fresh Node takes to load a module, as a cold start does. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod';
import * as environments from '../../../shared/platform/env.ts';

const SCRIPT = `
const cpu = process.cpuUsage(), begin = performance.now();
await import(process.argv[1]);
const ms = performance.now() - begin, { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000 }));
process.exit();`;

const loaded = z.object({ ms: z.number(), cpuMs: z.number() });
export type Loaded = z.output<typeof loaded>;

const ANYTHING = ['bench', 'https://127.0.0.1', '8883'];

/** A value for every variable that a handler asks for: its environment is parsed while it loads. */
function anyEnvironment(): Record<string, string | undefined> {
  const variables = Object.values(environments).flatMap((schema) =>
    schema instanceof z.ZodObject ? Object.entries<z.ZodType>(schema.shape) : [],
  );
  return {
    ...Object.fromEntries(variables.map(([name, of]) => [name, ANYTHING.find((text) => of.safeParse(text).success)])),
    // Two pools, and by their ids in which region.
    USER_POOL_ID: 'eu-central-1_People',
    OPERATOR_POOL_ID: 'eu-central-1_Operator',
    AWS_REGION: 'eu-central-1',
  };
}

export async function load(file: string): Promise<Loaded> {
  const args = ['--input-type=module', '--eval', SCRIPT, file];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: anyEnvironment() });
  return loaded.parse(JSON.parse(stdout));
}
