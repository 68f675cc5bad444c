/** The order of creation: what a resource refers to, or says it depends on, comes first. */
import { Refusal } from '../refusal.ts';
import { referencesOf } from './references.ts';
import type { Template } from './template.ts';

/** The resources that exist, each with those that it must wait for. Refuses a circle, by its members. */
export function dependencies(
  template: Template,
  exists: (condition: string | undefined) => boolean,
): Map<string, string[]> {
  const present = Object.entries(template.Resources).filter(([, { Condition }]) => exists(Condition));
  const ids = new Set(present.map(([id]) => id));
  const graph = new Map(
    present.map(([id, { Properties, Metadata, DependsOn }]) => {
      const { names, owners } = referencesOf([Properties, Metadata]);
      const needed = new Set([...names, ...owners, ...DependsOn]);
      return [id, [...needed].filter((name) => ids.has(name))];
    }),
  );
  refuseCircles(graph);
  return graph;
}

function refuseCircles(graph: ReadonlyMap<string, readonly string[]>): void {
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]) => {
    if (path.includes(id)) {
      throw new Refusal(
        `Resources depend on each other in a circle: ${[...path.slice(path.indexOf(id)), id].join(' → ')}`,
      );
    }
    if (done.has(id)) return;
    for (const needed of graph.get(id) ?? []) visit(needed, [...path, id]);
    done.add(id);
  };
  for (const id of graph.keys()) visit(id, []);
}
