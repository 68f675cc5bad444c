/** Which SDK clients a bundle holds, and which of them its own code makes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../support/host.ts';
import type { Bundle } from './build.ts';

/** Clients are packages of their own, or folders of the one that the SDK keeps for itself. */
const CLIENT = /node_modules\/(@aws-sdk\/(?:client-[\w-]+|nested-clients\/dist-\w+\/submodules\/[\w-]+))\//;
const IMPORT = /import\s+\{([^}]*)\}\s+from\s+'(@aws-sdk\/client-[\w-]+)'/g;

/** What tree shaking left something of. */
const inputsOf = ({ output }: Bundle) =>
  Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []));

export const clientsIn = (bundle: Bundle): string[] =>
  [...new Set(inputsOf(bundle).flatMap((file) => CLIENT.exec(file)?.[1] ?? []))].sort();

/** Packages of which the source makes a client: commands alone can't be sent. */
function clientsMadeIn(source: string): string[] {
  return [...source.matchAll(IMPORT)].flatMap(([, names = '', from = '']) => {
    const made = names.split(',').some((name) => /Client$/.test(name.trim()) && source.includes(`new ${name.trim()}(`));
    return made ? [from] : [];
  });
}

/** Clients that the bundle carries for nothing. */
export function idleClientsIn(bundle: Bundle, root = ROOT): string[] {
  const own = inputsOf(bundle).filter((file) => !file.includes('node_modules/'));
  const made = new Set(own.flatMap((file) => clientsMadeIn(readFileSync(path.resolve(root, file), 'utf8'))));
  return clientsIn(bundle).filter((client) => !made.has(client));
}
