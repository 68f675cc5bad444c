/** Bundles every function as a deployment does: with the options of the construct that ships them, all in one run of esbuild. */
import { globSync } from 'node:fs';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';
import { BUNDLING } from '../../../infra/constructs/bundling.ts';
import { ROOT } from '../../support/host.ts';

export interface Bundle {
  /** Its entry, from the root. */
  readonly entry: string;
  readonly file: string;
  readonly output: Metafile['outputs'][string];
}

export const entries = (): string[] => globSync('functions/**/*.ts', { cwd: ROOT }).sort();

export async function bundle(entryPoints: readonly string[], outdir: string, root = ROOT): Promise<Bundle[]> {
  const { format, target, mainFields, minify, externalModules, banner } = BUNDLING;
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...entryPoints],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format,
    target,
    mainFields,
    minify,
    external: externalModules,
    banner: { js: banner },
    metafile: true,
    logLevel: 'error',
  });
  return Object.entries(metafile.outputs).map(([file, output]) => ({
    entry: output.entryPoint ?? '',
    file: path.resolve(root, file),
    output,
  }));
}
