/**
 * What we ship must be free to run, change and pass on under Apache-2.0. Judged is every package of the lockfile that isn't for
 * development alone; other platforms' packages too, which aren't installed here.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { Part } from './part.ts';
import { isAllowed } from './spdx.ts';

/** An allow list: a licence nobody has read yet is refused until somebody has. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean().optional(), link: z.boolean().optional(), license: z.string().optional() }),
  ),
});
const manifest = z.object({ license: z.string().optional() });

export const licences: Part = {
  name: 'licences',
  async run(root) {
    const text = await readFile(path.join(root, 'package-lock.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return { ok: false, output: 'there is no package-lock.json' };
    const { packages } = lockfile.parse(JSON.parse(text));
    const shipped = Object.entries(packages).filter(
      ([location, entry]) => location !== '' && !entry.dev && !entry.link,
    );
    const offenders: string[] = [];
    for (const [location, entry] of shipped) {
      const licence = entry.license ?? (await licenceInstalled(root, location));
      if (!licence || !isAllowed(licence, ALLOWED)) offenders.push(`${location}: ${licence ?? 'names no licence'}`);
    }
    return { ok: offenders.length === 0, output: offenders.join('\n') };
  },
};

async function licenceInstalled(root: string, location: string): Promise<string | undefined> {
  const text = await readFile(path.join(root, location, 'package.json'), 'utf8').catch(() => '{}');
  return manifest.safeParse(JSON.parse(text)).data?.license;
}
