/**
 * The docs page: the OpenAPI document as one page to read and to try the API with. It holds everything itself (style, script) and
 * loads nothing: its policy names both by their hash. Without a script it still reads; with one it finds, and sends requests to
 * the API that served it.
 */
import { createHash } from 'node:crypto';
import type { OpenApiDocument } from '../api/openapi-document.ts';
import { startPage } from './docs-browser.ts';
import { type Content, Html, html, prose } from './docs-html.ts';
import { operationArticle } from './docs-operation.ts';
import { membersOf } from './docs-schema.ts';
import { curlCommand, prepareRequest } from './docs-script.ts';
import { DOCS_STYLE } from './docs-style.ts';

const SCRIPT = `(${startPage})({prepareRequest:${prepareRequest},curlCommand:${curlCommand}});`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const POLICY = [
  `default-src 'none'`,
  `style-src ${hashOf(DOCS_STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  `connect-src 'self'`,
  `img-src data:`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
  `base-uri 'none'`,
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'public, max-age=300',
};

function group(document: OpenApiDocument, { name, description }: OpenApiDocument['tags'][number]): Content {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      operation.tags.includes(name) ? [operationArticle(path, method, operation, document.components)] : [],
    ),
  );
  return html`<section class="tag" aria-labelledby="tag-${name}"><h2 id="tag-${name}">${name}</h2><p>${prose(description)}</p>
${operations}</section>
`;
}

const schemaPart = ([name, schema]: [string, OpenApiDocument['components']['schemas'][string]]) =>
  html`<details class="schema" id="schema-${name}"><summary><code>${name}</code></summary><div>${
    schema.description === undefined ? '' : html`<p>${prose(schema.description)}</p>`
  }${membersOf(schema)}</div></details>
`;

function problemTable(responses: OpenApiDocument['components']['responses']): Content {
  const rows = Object.entries(responses).map(
    ([name, { description, headers = {} }]) =>
      html`<tr id="problem-${name}"><th scope="row">${name}<td>${prose(description)}<td>${Object.keys(headers).join(', ')}`,
  );
  return html`<section aria-labelledby="problems"><h2 id="problems">Problems</h2><table><thead><tr><th scope="col">Problem<th scope="col">Meaning and type<th scope="col">Headers<tbody>${rows}</table></section>
`;
}

function navigation({ tags, components }: OpenApiDocument): Content {
  return html`<nav aria-label="Contents">
<div hidden>
<label for="token">Access token</label>
<input id="token" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="token-note">
<small id="token-note">Kept on this page only, and sent with what you try. <a href="${components.securitySchemes.openId.openIdConnectUrl}">Where tokens come from</a></small>
<label for="filter">Find operations <i>(press /)</i></label>
<input id="filter" type="search" autocomplete="off">
<small id="found" role="status"></small>
</div>
<ul>${tags.map(({ name }) => html`<li><a href="#tag-${name}">${name}</a></li>`)}<li><a href="#schemas">Schemas</a></li><li><a href="#problems">Problems</a></li><li><a href="/openapi.json">openapi.json</a></li></ul>
</nav>
`;
}

/** The page and the headers that belong to it. */
export function docsPage(document: OpenApiDocument): { text: string; headers: Record<string, string> } {
  const { info, tags, components } = document;
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} API</title>
<link rel="icon" href="data:,">
<style>${new Html(DOCS_STYLE)}</style>
</head>
<body>
<a class="skip" href="#operations">Skip to the operations</a>
<header><h1>${info.title} API <small>${info.version}</small></h1>
${info.description.split('\n\n').map((paragraph) => html`<p>${prose(paragraph)}</p>`)}</header>
${navigation(document)}<main id="operations">
${tags.map((tag) => group(document, tag))}<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>
${Object.entries(components.schemas).map(schemaPart)}</section>
${problemTable(components.responses)}</main>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`;
  return { text, headers: HEADERS };
}
