/** Makes every resource through its provider, and reads the outputs. Stacks in their order, resources as soon as they can. */
import type { Place, Provisioned, Resource } from '../contract.ts';
import { messageOf, Refusal } from '../refusal.ts';
import type { Providers } from './check.ts';
import { isRecord, resolve } from './intrinsics.ts';
import { dependencies } from './order.ts';
import { type StackScope, stackScope } from './stack-scope.ts';
import type { StackTemplate } from './template.ts';

/** Outputs by stack, then by name. */
export type Outputs = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

export interface Deployment {
  readonly outputs: Outputs;
  readonly resources: readonly (Resource & Provisioned)[];
}

/** Call `checkTemplates` first: what isn't served is not looked for again here. */
export async function provision(
  stacks: readonly StackTemplate[],
  place: Place,
  providers: Providers,
): Promise<Deployment> {
  const exports = new Map<string, unknown>();
  const outputs = new Map<string, Record<string, unknown>>();
  const resources: (Resource & Provisioned)[] = [];
  for (const stack of stacks) {
    const created = new Map<string, Resource & Provisioned>();
    const scope = stackScope(stack, place, created, exports);
    await createResources(stack, scope, created, providers);
    outputs.set(stack.name, readOutputs(stack, scope, exports));
    resources.push(...created.values());
  }
  return { outputs, resources };
}

async function createResources(
  { name: stack, template }: StackTemplate,
  scope: StackScope,
  created: Map<string, Resource & Provisioned>,
  providers: Providers,
): Promise<void> {
  const graph = dependencies(template, scope.exists);
  const started = new Map<string, Promise<void>>();

  const create = async (logicalId: string): Promise<void> => {
    await Promise.all(graph.get(logicalId)!.map(start));
    const { Type, Properties, Metadata } = template.Resources[logicalId]!;
    try {
      const properties = record(resolve(Properties, scope));
      const metadata = record(resolve(Metadata, scope));
      const resource: Resource = { stack, logicalId, type: Type, properties, metadata };
      created.set(logicalId, { ...resource, ...(await providers.get(Type)!.create(resource)) });
    } catch (error) {
      throw new Refusal(`${stack}/${logicalId} (${Type}) can't be made: ${messageOf(error)}`, 1, { cause: error });
    }
  };
  const start = (logicalId: string): Promise<void> => {
    const running = started.get(logicalId) ?? create(logicalId);
    started.set(logicalId, running);
    return running;
  };
  // All settle before the first failure is told: nothing is still being made when the host closes its services.
  const results = await Promise.allSettled([...graph.keys()].map(start));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function readOutputs({ name, template }: StackTemplate, scope: StackScope, exports: Map<string, unknown>) {
  const outputs: Record<string, unknown> = {};
  for (const [key, { Value, Condition, Export }] of Object.entries(template.Outputs)) {
    if (!scope.exists(Condition)) continue;
    try {
      outputs[key] = resolve(Value, scope);
      if (Export) exports.set(String(resolve(Export.Name, scope)), outputs[key]);
    } catch (error) {
      throw new Refusal(`The output ${key} of ${name} has no value: ${messageOf(error)}`, 1, { cause: error });
    }
  }
  return outputs;
}

const record = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});
