/** From zod to JSON Schema: a schema that has an id (`.meta({ id })`) becomes a component, everything else stays where it is. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { JsonSchema } from './openapi-document.ts';

const DEFINITION = '#/$defs/';
const COMPONENT = '#/components/schemas/';

/**
 * Requests are strict. An answer may grow: who reads it must not refuse a member that it doesn't know. Examples and
 * defaults are of what goes over the wire, so that zod need not leave them out where a schema transforms.
 */
function tidy({ jsonSchema, zodSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema; zodSchema: z.core.$ZodTypes }) {
  const { def } = zodSchema._zod;
  if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties;
  const said = z.globalRegistry.get(zodSchema) ?? {};
  if (Array.isArray(said.examples)) jsonSchema.examples = said.examples;
  if ('default' in said) jsonSchema.default = said.default;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}

/** References within a schema are to its own definitions; in the document they are to components. */
const toComponents = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(toComponents);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === '$ref' && typeof member === 'string' ? member.replace(DEFINITION, COMPONENT) : toComponents(member),
    ]),
  );
};

export interface Schemas {
  /** The schema as a request (`input`) or an answer (`output`) has it. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema;
  /** The components that were referred to so far, by name. */
  components(): Record<string, JsonSchema>;
}

export function collectSchemas(): Schemas {
  const components = new Map<string, JsonSchema>();

  function keep(name: string, schema: JsonSchema) {
    const before = components.get(name);
    if (before && !isDeepStrictEqual(before, schema)) throw new Error(`Two schemas are called ${name}.`);
    components.set(name, schema);
  }

  return {
    of(schema, io) {
      const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: tidy });
      for (const [name, definition] of Object.entries($defs)) keep(name, toComponents(definition) as JsonSchema);
      return toComponents(own) as JsonSchema;
    },
    components: () => Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
