/** The use cases of the instance itself. */
import type { UseCases } from '../api/edge.ts';
import openapi from '../api/openapi.json' with { type: 'json' };
import type { OpenApiDocument } from '../api/openapi-document.ts';
import { docsPage } from './docs-page.ts';
import type { instanceRoutes } from './instance-api.ts';

/** The committed document, with the address that only this instance knows. */
function documentOf(openIdConnectUrl: string): OpenApiDocument {
  // By its literals the compiler gives each member of a union the members of the others, as `undefined`.
  const written = openapi as unknown as OpenApiDocument;
  const { components } = written;
  const openId = { ...components.securitySchemes.openId, openIdConnectUrl };
  return { ...written, components: { ...components, securitySchemes: { ...components.securitySchemes, openId } } };
}

/** Public, the same for everybody, and new only with a deployment. */
const CACHED = { 'cache-control': 'public, max-age=300' };

export function instanceUseCases(deps: {
  /** Where devices connect. */
  mqtt: () => Promise<{ host: string; port: number }>;
  /** Where tokens come from. */
  openIdConfiguration: string;
}): UseCases<typeof instanceRoutes> {
  const { openIdConfiguration } = deps;
  const document = documentOf(openIdConfiguration);
  let page: ReturnType<typeof docsPage> | undefined;
  return {
    about: async () => ({
      body: {
        name: document.info.title,
        version: document.info.version,
        links: { self: '/v1', openapi: '/openapi.json', docs: '/docs', openIdConfiguration },
        mqtt: await deps.mqtt(),
      },
    }),
    openapi: async () => ({
      rendered: { contentType: 'application/json', text: JSON.stringify(document), headers: CACHED },
    }),
    docs: async () => {
      page ??= docsPage(document);
      return { rendered: { contentType: 'text/html; charset=utf-8', ...page } };
    },
  };
}
