/** The host that the demo talks to, by what it wrote for scripts. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { Refusal } from '../refusal.ts';

const schema = z.object({
  api: z.string(),
  docs: z.string(),
  mqtt: z.object({ host: z.string(), port: z.number(), caFile: z.string() }),
  oauth: z.object({ tokenUrl: z.string() }),
  operator: z.object({ clientId: z.string(), clientSecret: z.string() }),
});
type Endpoints = z.output<typeof schema>;

export interface RunningHost extends Endpoints {
  /** Where `endpoints.json` is. */
  readonly data: string;
  /** The file as a shell command names it: relative, where that is shorter. */
  readonly file: string;
}

const shown = (file: string) => {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : `./${relative}`;
};

/** Throws a `Refusal` where no host answers. */
export async function findHost(data: string): Promise<RunningHost> {
  const file = path.join(data, 'endpoints.json');
  const endpoints = read(file);
  const answer = endpoints && (await fetch(`${endpoints.api}/v1`).catch(() => undefined));
  if (endpoints && answer?.ok) return { ...endpoints, data, file: shown(file) };
  const start = data === path.resolve('.local') ? 'npm start' : `npm start -- --data ${shown(data)}`;
  throw new Refusal(
    `No host is running on ${shown(data)}. Start it in another terminal, then try again:\n\n  ${start}`,
  );
}

/** `undefined` without a file: the host removes it when it stops. */
function read(file: string): Endpoints | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

export { shown as shownPath };
