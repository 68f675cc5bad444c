/** The arrows between the rooms, as `.dependency-cruiser.json` states them. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { executeTool, type Part } from './part.ts';

const ROOMS = ['functions', 'infra', 'shared', 'test'];

const report = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

export const boundaries: Part = {
  name: 'boundaries',
  async run(root) {
    const rooms = ROOMS.filter((room) => existsSync(path.join(root, room)));
    const args = ['--config', '.dependency-cruiser.json', '--output-type', 'json', ...rooms];
    const { stdout, stderr } = await executeTool(root, 'dependency-cruiser/bin/dependency-cruiser.mjs', args);
    const parsed = report.safeParse(jsonOrUndefined(stdout));
    if (!parsed.success) return { ok: false, output: stderr || 'dependency-cruiser gave no report' };
    const { modules, summary } = parsed.data;
    // Without a parser for TypeScript the tool leaves such files out and is content: a pass must have looked at each.
    const seen = new Set(modules.map(({ source }) => source));
    const unseen = (await sources(root, rooms)).filter((file) => !seen.has(file));
    const violations = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
    const findings = [...violations, ...unseen.map((file) => `not looked at: ${file}`)];
    if (seen.size === 0) findings.push('0 modules were found');
    return { ok: findings.length === 0, output: findings.join('\n') };
  },
};

async function sources(root: string, rooms: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const room of rooms) {
    const files = await readdir(path.join(root, room), { recursive: true });
    found.push(...files.map((file) => path.posix.join(room, file.replaceAll(path.sep, '/'))));
  }
  return found.filter((file) => file.endsWith('.ts'));
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
