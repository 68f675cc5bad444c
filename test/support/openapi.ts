/** The served OpenAPI document as a generator of tests reads it: its operations, and bodies that fit its schemas. */
import * as z from 'zod';

/** As much of JSON Schema as a body that fits needs. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly examples?: readonly unknown[];
  readonly description?: string;
}

const schema = z.custom<Schema>((value) => typeof value === 'object' && value !== null);
const media = z.record(z.string(), z.object({ schema }));
const parameter = z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']), schema });
const operation = z.object({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ content: media }).optional(),
  responses: z.record(z.string(), z.unknown()),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /**
   * Which token it takes: one of the scope, `custodia/…`, or, where it says `person`, that of any signed-in person. `undefined`
   * where it takes none, since it is public or a connector's address.
   */
  readonly access: string | undefined;
  /** Whether it takes something in `Authorization`: a token, or a connector's secret. */
  readonly secured: boolean;
  readonly params: readonly { readonly name: string; readonly schema: Schema }[];
  readonly query: readonly { readonly name: string; readonly schema: Schema }[];
  readonly headers: readonly string[];
  readonly body: Schema | undefined;
  /** Media types of the body. */
  readonly bodyTypes: readonly string[];
  /** What it may answer. */
  readonly statuses: readonly number[];
}

export function readContract(json: unknown): Operation[] {
  const { paths } = document.parse(dereference(json, json));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, of]) => {
      const [first] = of.security;
      const placed = (place: string) => of.parameters.filter((one) => one.in === place);
      const content = of.requestBody?.content ?? {};
      return {
        id: of.operationId,
        method: method.toUpperCase(),
        path,
        secured: first !== undefined,
        access: first && !('connectorSecret' in first) ? (Object.values(first)[0]?.[0] ?? 'person') : undefined,
        params: placed('path'),
        query: placed('query'),
        headers: placed('header').map(({ name }) => name),
        body: Object.values(content)[0]?.schema,
        bodyTypes: Object.keys(content),
        statuses: Object.keys(of.responses).map(Number),
      };
    }),
  );
}

/** The tree with what each local `$ref` points at in its place. The API has no recursive schema. */
function dereference(tree: unknown, root: unknown): unknown {
  if (Array.isArray(tree)) return tree.map((one) => dereference(one, root));
  if (typeof tree !== 'object' || tree === null) return tree;
  if ('$ref' in tree && typeof tree.$ref === 'string') {
    const steps = tree.$ref.split('/').slice(1);
    const found = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)?.[step], root);
    if (found === undefined) throw new Error(`There is no ${tree.$ref}`);
    return dereference(found, root);
  }
  return Object.fromEntries(Object.entries(tree).map(([name, inner]) => [name, dereference(inner, root)]));
}

/** `prd` of a schema of product ids; `undefined` for what is no id. */
export const idPrefix = ({ pattern }: Schema): string | undefined => /^\^([a-z]{3})_\[/.exec(pattern ?? '')?.[1];

/** Ids by their prefix. */
export type Ids = Readonly<Record<string, string>>;

/** A small value that fits: required members only, as in the example where there is one. Any JSON where nothing is said. */
export function sample(one: Schema, ids: Ids): unknown {
  if (one.const !== undefined) return one.const;
  if (one.enum) return one.enum[0];
  if (one.anyOf) return sample(one.anyOf[0] ?? {}, ids);
  const prefix = idPrefix(one);
  if (prefix !== undefined) return ids[prefix];
  if (one.format === 'email') return 'somebody@acme.test';
  // A name fits almost everywhere; only scopes are of a closed list that a schema doesn't show.
  if (one.type === 'string')
    return one.examples?.[0] ?? (/scope/i.test(one.description ?? '') ? 'custodia/devices.read' : 'a');
  if (one.type === 'integer' || one.type === 'number') return Math.max(one.minimum ?? 1, 1);
  if (one.type === 'boolean') return true;
  if (one.type === 'array') return Array.from({ length: one.minItems ?? 0 }, () => sample(one.items ?? {}, ids));
  if (one.type !== 'object') return { any: 'json' };
  const example = one.examples?.[0] as Record<string, unknown> | undefined;
  return Object.fromEntries(
    (one.required ?? []).map((name) => {
      const member = one.properties?.[name] ?? {};
      // An id in an example is nobody's.
      const given = idPlaces(member).length === 0 ? example?.[name] : undefined;
      return [name, given ?? sample(member, ids)];
    }),
  );
}

/** Where in a body an id may stand: paths of member names, each with the id's prefix. */
export function idPlaces(one: Schema, path: readonly string[] = []): [string[], string][] {
  const prefix = idPrefix(one);
  if (prefix !== undefined) return [[[...path], prefix]];
  return Object.entries(one.properties ?? {}).flatMap(([name, inner]) => idPlaces(inner, [...path, name]));
}
