/** Schemas as a person reads them: a type in a few words, the members of an object as rows, an example. */
import type { JsonSchema } from '../api/openapi-document.ts';
import { type Content, html, prose } from './docs-html.ts';

export type Components = Readonly<Record<string, JsonSchema>>;

export const nameOf = ($ref: string) => $ref.slice($ref.lastIndexOf('/') + 1);

/** What a reference stands for, with what is said beside it. */
export function resolved(schema: JsonSchema, components: Components): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...own } = schema;
  return { ...resolved(components[nameOf($ref)] ?? {}, components), ...own };
}

const code = (value: unknown) => html`<code>${JSON.stringify(value)}</code>`;

/** `1 … 200`, `≤ 4096`, `≥ 1`. */
function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) return `, ${least} … ${most}${unit}`;
  if (most !== undefined) return `, ≤ ${most}${unit}`;
  return least === undefined ? '' : `, ≥ ${least}${unit}`;
}

function limitsOf(schema: JsonSchema): Content {
  return [
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' items'),
    schema.default === undefined ? '' : [', default ', code(schema.default)],
  ];
}

const between = (contents: readonly Content[], separator: string): Content =>
  contents.map((content, index) => (index === 0 ? content : [separator, content]));

const choicesOf = ({ anyOf, oneOf }: JsonSchema) => anyOf ?? oneOf;

export function typeOf(schema: JsonSchema): Content {
  if (schema.$ref !== undefined) return html`<a href="#schema-${nameOf(schema.$ref)}">${nameOf(schema.$ref)}</a>`;
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return [between(schema.enum.map(code), ' or '), limitsOf(schema)];
  const choices = choicesOf(schema);
  if (choices) return between(choices.map(typeOf), ' or ');
  if (schema.items) return ['list of ', typeOf(schema.items), limitsOf(schema)];
  const format = schema.format === undefined ? '' : ` (${schema.format})`;
  return [schema.type ?? 'any JSON', format, limitsOf(schema)];
}

interface Row {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

/** The members of an object; those of a nested one that has no name of its own by their path. */
function rowsOf(schema: JsonSchema, path = ''): Row[] {
  const { properties = {}, required = [], items } = schema;
  if (items) return rowsOf(items, `${path}[]`);
  return Object.entries(properties).flatMap(([name, member]) => {
    const full = path === '' ? name : `${path}.${name}`;
    return [{ name: full, required: required.includes(name), schema: member }, ...rowsOf(member, full)];
  });
}

/** A table of members; for what isn't an object, its type. */
export function membersOf(schema: JsonSchema): Content {
  const rows = rowsOf(schema);
  if (rows.length === 0) return html`<p>${typeOf(schema)}</p>`;
  return html`<table><thead><tr><th scope="col">Member<th scope="col">Type<th scope="col">Description<tbody>${rows.map(
    ({ name, required, schema: member }) =>
      html`<tr><th scope="row"><code>${name}</code>${required ? html` <b>required</b>` : ''}<td>${typeOf(member)}<td>${prose(member.description ?? '')}`,
  )}</table>`;
}

/** An example that the schema gives, or one made of its members' examples. */
export function exampleOf(schema: JsonSchema, components: Components): unknown {
  const whole = resolved(schema, components);
  const [given] = whole.examples ?? [];
  if (given !== undefined) return given;
  if (whole.const !== undefined) return whole.const;
  if (whole.default !== undefined) return whole.default;
  if (whole.enum) return whole.enum[0];
  const [first] = choicesOf(whole) ?? [];
  if (first) return exampleOf(first, components);
  if (whole.items) return [exampleOf(whole.items, components)];
  if (whole.properties) {
    const members = Object.entries(whole.properties).map(([name, member]) => [name, exampleOf(member, components)]);
    return Object.fromEntries(members);
  }
  return { integer: 1, number: 1, boolean: true, string: '…' }[whole.type ?? ''] ?? null;
}
