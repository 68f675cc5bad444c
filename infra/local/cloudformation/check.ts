/** Reads every template against what the providers honour or knowingly ignore, and refuses with all problems at once. */
import type { Place, ResourceProvider } from '../contract.ts';
import { messageOf, Refusal } from '../refusal.ts';
import { unlistedProperties } from './coverage.ts';
import { referencesOf } from './references.ts';
import { type StackScope, stackScope } from './stack-scope.ts';
import type { StackTemplate, TemplateResource } from './template.ts';

export type Providers = ReadonlyMap<string, ResourceProvider>;

/** Where problems gather: a problem, and every place that has it. */
type Problems = Map<string, string[]>;

export function providersByType(providers: readonly ResourceProvider[]): Providers {
  const byType = new Map<string, ResourceProvider>();
  for (const provider of providers) {
    if (byType.has(provider.type)) throw new Error(`two providers for ${provider.type}`);
    byType.set(provider.type, provider);
  }
  return byType;
}

export function checkTemplates(stacks: readonly StackTemplate[], place: Place, providers: Providers): void {
  const problems: Problems = new Map();
  for (const stack of stacks) checkStack(stack, stackScope(stack, place, new Map(), new Map()), providers, problems);
  if (problems.size > 0) throw new Refusal(describe(problems));
}

function checkStack(
  { name, template }: StackTemplate,
  scope: StackScope,
  providers: Providers,
  problems: Problems,
): void {
  const report = (where: string, problem: string) => problems.set(problem, [...(problems.get(problem) ?? []), where]);
  const exists = (where: string, condition: string | undefined): boolean => {
    try {
      return scope.exists(condition);
    } catch (error) {
      report(where, messageOf(error));
      return false;
    }
  };
  const checkReferences = (where: string, value: unknown) => {
    const { names, owners, unknownFunctions } = referencesOf(value);
    for (const unknown of unknownFunctions) report(where, `the function ${unknown} is not served`);
    for (const used of names) {
      if (!scope.hasConstant(used) && !template.Resources[used])
        report(where, `Ref ${used} has no value on the laptop`);
    }
    for (const owner of owners) {
      if (!template.Resources[owner]) report(where, `Fn::GetAtt of ${owner}: no such resource`);
    }
  };
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    const where = `${name}/${logicalId}`;
    if (!exists(where, resource.Condition)) continue;
    for (const problem of resourceProblems(resource, providers)) report(where, problem);
    checkReferences(where, [resource.Properties, resource.Metadata]);
    for (const needed of resource.DependsOn) {
      if (!template.Resources[needed]) report(where, `DependsOn ${needed}: no such resource`);
    }
  }
  for (const [key, output] of Object.entries(template.Outputs)) {
    const where = `${name}/Outputs/${key}`;
    if (exists(where, output.Condition)) checkReferences(where, [output.Value, output.Export]);
  }
}

function resourceProblems({ Type, Properties }: TemplateResource, providers: Providers): string[] {
  const provider = providers.get(Type);
  if (!provider) return [`the type ${Type} is not served`];
  return unlistedProperties(Properties, provider).map(
    (path) => `${Type}: the property ${path} is neither honoured nor ignored`,
  );
}

const PLACES_SHOWN = 3;

function describe(problems: Problems): string {
  const lines = [...problems].map(([problem, places]) => {
    const more = places.length > PLACES_SHOWN ? ` and ${places.length - PLACES_SHOWN} more` : '';
    return `  ${problem}\n    in ${places.slice(0, PLACES_SHOWN).join(', ')}${more}`;
  });
  return [
    'The laptop host refuses templates that it would play wrongly:',
    ...lines,
    'Serve it in infra/local, or list the property there as ignored with the reason why that is harmless.',
  ].join('\n');
}
