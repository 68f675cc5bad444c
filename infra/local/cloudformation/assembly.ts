/** Reads a synthesized cloud assembly: its stacks, each after the stacks that it depends on. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { messageOf, Refusal } from '../refusal.ts';
import { type StackTemplate, templateSchema } from './template.ts';

const artifact = z.looseObject({
  type: z.string(),
  dependencies: z.array(z.string()).default([]),
  properties: z
    .looseObject({
      templateFile: z.string().optional(),
      stackName: z.string().optional(),
      directoryName: z.string().optional(),
    })
    .default({}),
});
const manifestSchema = z.looseObject({ artifacts: z.record(z.string(), artifact).default({}) });
type Artifacts = z.output<typeof manifestSchema>['artifacts'];

export async function readAssembly(dir: string): Promise<StackTemplate[]> {
  const { artifacts } = await readParsed(path.join(dir, 'manifest.json'), manifestSchema);
  const stacks: StackTemplate[] = [];
  for (const id of inOrder(artifacts)) {
    const { type, properties } = artifacts[id]!;
    if (type === 'aws:cloudformation:stack' && properties.templateFile) {
      const template = await readParsed(path.join(dir, properties.templateFile), templateSchema);
      stacks.push({ name: properties.stackName ?? id, template });
    } else if (type === 'cdk:cloud-assembly' && properties.directoryName) {
      stacks.push(...(await readAssembly(path.join(dir, properties.directoryName))));
    }
  }
  return stacks;
}

async function readParsed<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  try {
    const result = schema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (result.success) return result.data;
    throw new Error(z.prettifyError(result.error));
  } catch (error) {
    throw new Refusal(`The synthesized app can't be read: ${file}\n${messageOf(error)}`, 1, { cause: error });
  }
}

function inOrder(artifacts: Artifacts): string[] {
  const done = new Set<string>();
  const visit = (id: string) => {
    if (done.has(id) || !artifacts[id]) return;
    done.add(id);
    for (const dependency of artifacts[id].dependencies) visit(dependency);
    order.push(id);
  };
  const order: string[] = [];
  for (const id of Object.keys(artifacts)) visit(id);
  return order;
}
