/** One operation on the docs page: what it takes, what it answers, and a form to try it. */
import type { Answer, JsonSchema, OpenApiDocument, Operation, Parameter, Reference } from '../api/openapi-document.ts';
import { type Content, html, prose } from './docs-html.ts';
import { exampleOf, membersOf, nameOf, resolved, typeOf } from './docs-schema.ts';

type All = OpenApiDocument['components'];

/** A component by its reference; what is none stays as it is. */
function component<T extends object>(of: Readonly<Record<string, T>>, thing: T | Reference): T {
  if (!('$ref' in thing)) return thing as T;
  const found = of[nameOf(thing.$ref)];
  if (!found) throw new Error(`The document has no ${thing.$ref}.`);
  return found;
}

function access({ security, tags }: Operation): Content {
  const [need] = security;
  if (!need) return html`<p>Public: needs no token.</p>`;
  if ('connectorSecret' in need) return html`<p>Needs the connector’s own secret in place of a token.</p>`;
  const scopes = Object.values(need).flat();
  if (scopes.length === 0) return html`<p>Needs the token of a person.</p>`;
  const who = tags.includes('operator') ? 'Needs the operator’s token with scope ' : 'Needs a token with scope ';
  return html`<p>${who}${scopes.map((scope) => html`<code>${scope}</code>`)}</p>`;
}

function parameterTable(parameters: readonly Parameter[], all: All): Content {
  if (parameters.length === 0) return undefined;
  const description = ({ description: own, schema }: Parameter) =>
    own ?? resolved(schema, all.schemas).description ?? '';
  return html`<h4>Parameters</h4><table class="wide"><thead><tr><th scope="col">Name<th scope="col">In<th scope="col">Type<th scope="col">Description<tbody>${parameters.map(
    (parameter) =>
      html`<tr><th scope="row"><code>${parameter.name}</code>${parameter.required ? html` <b>required</b>` : ''}<td>${parameter.in}<td>${typeOf(parameter.schema)}<td>${prose(description(parameter))}`,
  )}</table>`;
}

const pretty = (value: unknown) => JSON.stringify(value, undefined, 2);

function bodyPart(schema: JsonSchema, types: readonly string[], all: All): Content {
  const example = html`<pre tabindex="0" aria-label="Example">${pretty(exampleOf(schema, all.schemas))}</pre>`;
  return html`<h4>Body</h4><p>${typeOf(schema)} as ${types.map((type, i) => [i ? ' or ' : '', html`<code>${type}</code>`])}</p>${membersOf(resolved(schema, all.schemas))}<p>Example:</p>${example}`;
}

function bodyOf({ content = {} }: Answer): Content {
  const entries = Object.entries(content);
  if (entries.length === 0) return 'none';
  return entries.map(([type, { schema }], index) => {
    const shape = type === 'application/json' || type.endsWith('+json') ? [typeOf(schema), ' '] : '';
    return [index === 0 ? '' : html`<br>`, shape, html`<code>${type}</code>`];
  });
}

/** Problems are the same everywhere, so that an operation only names them. */
function problemLinks(responses: Operation['responses']): Content {
  const links = Object.entries(responses).flatMap(([status, answer]) =>
    '$ref' in answer ? [html`<li><a href="#problem-${nameOf(answer.$ref)}">${status} ${nameOf(answer.$ref)}</a>`] : [],
  );
  return links.length > 0 ? html`<h4>Problems</h4><ul class="row">${links}</ul>` : undefined;
}

function answerTable(responses: Operation['responses']): Content {
  const rows = Object.entries(responses).flatMap(([status, answer]) => {
    if ('$ref' in answer) return [];
    const headers = Object.keys(answer.headers ?? {});
    const named = headers.length > 0 ? ` Headers: ${headers.join(', ')}.` : '';
    return [html`<tr><th scope="row">${status}<td>${prose(answer.description)}${named}<td>${bodyOf(answer)}`];
  });
  return html`<h4>Answers</h4><table><thead><tr><th scope="col">Status<th scope="col">Meaning<th scope="col">Body<tbody>${rows}</table>`;
}

function field(id: string, { name, in: place, required, schema }: Parameter, all: All): Content {
  const { enum: choices, examples } = resolved(schema, all.schemas);
  const attributes = html`id="${id}" name="${name}" data-in="${place}"${required ? html` required` : ''}`;
  const control = choices
    ? html`<select ${attributes}><option value="">${choices.map((choice) => html`<option>${String(choice)}`)}</select>`
    : html`<input ${attributes} placeholder="${String(examples?.[0] ?? '')}" autocomplete="off" autocapitalize="none" spellcheck="false">`;
  return html`<label for="${id}">${name} <i>${place}${required ? ', required' : ''}</i></label>${control}`;
}

interface Place {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
}

function tryForm(operation: Operation, { method, path, parameters }: Place, all: All): Content {
  const id = `try-${operation.operationId}`;
  const media = operation.requestBody?.content['application/json'];
  const types = new Set(
    Object.values(operation.responses).flatMap((answer) => ('$ref' in answer ? [] : Object.keys(answer.content ?? {}))),
  );
  const example = media ? pretty(exampleOf(media.schema, all.schemas)) : '';
  return html`<form hidden aria-label="Try ${operation.operationId}" data-method="${method.toUpperCase()}" data-path="${path}"${operation.security.length > 0 ? html` data-secured` : ''}>
<h4>Try it</h4>
<div class="fields">${parameters.map((parameter, index) => html`<div>${field(`${id}-${index}`, parameter, all)}</div>`)}${
    types.size > 1
      ? html`<div><label for="${id}-accept">Accept</label><select id="${id}-accept" data-in="accept">${[...types].map((type) => html`<option>${type}`)}</select></div>`
      : ''
  }</div>${
    media
      ? html`<label for="${id}-body">Body</label><textarea id="${id}-body" data-in="body" rows="${example.split('\n').length + 1}" spellcheck="false">${example}</textarea>`
      : ''
  }
<button>Send</button>
<p class="cap">The same with curl:</p><pre class="curl" tabindex="0" aria-label="curl command"></pre>
<p role="status"></p>
<div class="answer"></div>
</form>`;
}

export function operationArticle(path: string, method: string, operation: Operation, all: All): Content {
  const parameters = (operation.parameters ?? []).map((parameter) => component(all.parameters, parameter));
  const { operationId, summary, requestBody } = operation;
  const schema = requestBody?.content['application/json']?.schema;
  return html`<details id="${operationId}" class="op">
<summary><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code> <span>${prose(summary)}</span></summary>
<div><p class="cap"><a href="#${operationId}">${operationId}</a></p>
${access(operation)}${parameterTable(parameters, all)}${schema ? bodyPart(schema, Object.keys(requestBody?.content ?? {}), all) : ''}${answerTable(operation.responses)}${problemLinks(operation.responses)}${tryForm(operation, { method, path, parameters }, all)}</div>
</details>
`;
}
