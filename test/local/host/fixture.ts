/** A small hand-written cloud assembly, and providers that remember what they were asked to make. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { StackTemplate } from '../../../infra/local/cloudformation/template.ts';
import { templateSchema } from '../../../infra/local/cloudformation/template.ts';
import type { Resource, ResourceProvider } from '../../../infra/local/contract.ts';

export const PLACE = { account: '123456789012', region: 'eu-central-1' };

/** Deleted when the test ends, or when `after` says. */
export function temporaryFolder(after: (undo: () => void) => void = onTestFinished): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'custodia-host-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export const stack = (template: unknown, name = 'Stack'): StackTemplate => ({
  name,
  template: templateSchema.parse(template),
});

/** Serves `Test::Thing`: `Ref` is its name, `Arn` its only attribute. */
export function things(lists: Partial<Pick<ResourceProvider, 'honoured' | 'ignored'>> = {}) {
  const made: Resource[] = [];
  const provider: ResourceProvider = {
    type: 'Test::Thing',
    honoured: lists.honoured ?? { Value: 'kept', Deep: 'kept' },
    ignored: lists.ignored ?? {},
    async create(resource) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      made.push(resource);
      const ref = `${resource.stack}-${resource.logicalId}`;
      return { ref, attributes: { Arn: `arn:test:${ref}` } };
    },
  };
  return { made, provider };
}

/** Writes an assembly; each stack may name those that it depends on. */
export function writeAssembly(
  dir: string,
  stacks: Record<string, { template: unknown; dependencies?: string[] }>,
): void {
  mkdirSync(dir, { recursive: true });
  const artifacts = Object.entries(stacks).map(([name, { template, dependencies = [] }]) => {
    writeFileSync(path.join(dir, `${name}.template.json`), JSON.stringify(template));
    const properties = { templateFile: `${name}.template.json`, stackName: name };
    return [name, { type: 'aws:cloudformation:stack', dependencies: [...dependencies, `${name}.assets`], properties }];
  });
  writeFileSync(
    path.join(dir, 'manifest.json'),
    JSON.stringify({ version: '43.0.0', artifacts: Object.fromEntries(artifacts) }),
  );
}
