/** A hash of all that the synthesized app depends on: equal hash, equal assembly. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const FOLDERS = ['infra', 'shared', 'functions'];
const FILES = ['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json'];
/** The host reads the assembly, never the other way round. */
const EXCLUDED = ['infra/local', 'infra/decisions', 'node_modules'];

export async function contentHash(root: string, also: readonly string[]): Promise<string> {
  const found = (await Promise.all(FOLDERS.map((folder) => filesBelow(root, folder)))).flat();
  const hash = createHash('sha256').update(JSON.stringify(also));
  const contents = await Promise.all([...FILES, ...found.toSorted()].map((file) => hashed(root, file)));
  for (const content of contents) hash.update(content);
  return hash.digest('hex').slice(0, 32);
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  if (EXCLUDED.includes(folder) || EXCLUDED.includes(path.posix.basename(folder))) return [];
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch(() => []);
  const below = entries.map(async (entry) => {
    const name = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, name) : [name];
  });
  return (await Promise.all(below)).flat();
}

async function hashed(root: string, file: string): Promise<string> {
  const content = await readFile(path.join(root, file)).catch(() => undefined);
  return `${file}\0${content === undefined ? 'absent' : createHash('sha256').update(content).digest('hex')}\n`;
}
