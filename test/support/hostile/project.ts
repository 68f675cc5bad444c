/** A copy of the project in which some functions of the HTTP API are taken over; everything else, policies first, is as it is. */
import { cpSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../host.ts';

const COPIED = ['infra', 'shared', 'functions', 'package.json', 'package-lock.json', 'cdk.json', 'tsconfig.json'];
const PUPPET = new URL('./handlers/puppet.ts', import.meta.url);

export interface Project {
  readonly root: string;
  dispose(): void;
}

/** `concepts`: names of entries in `functions/http`. */
export function hostileProject(...concepts: readonly string[]): Project {
  const root = mkdtempSync(path.join(tmpdir(), 'custodia-hostile-'));
  for (const name of COPIED) cpSync(path.join(ROOT, name), path.join(root, name), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
  const entry = (name: string) => path.join(root, `functions/http/${name}.ts`);
  cpSync(PUPPET, entry('puppet'));
  for (const concept of concepts) {
    renameSync(entry(concept), entry(`${concept}-honest`));
    writeFileSync(
      entry(concept),
      `import { handler as honest } from './${concept}-honest.ts';
import { takeOver } from './puppet.ts';
export const handler = takeOver(honest);
`,
    );
  }
  return { root, dispose: () => rmSync(root, { recursive: true, force: true }) };
}
