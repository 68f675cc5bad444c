/** The use cases of the instance itself. */
import type { UseCases } from '../api/edge.ts';
import document from '../api/openapi.json' with { type: 'json' };
import { docsPage } from './docs-page.ts';
import type { instanceRoutes } from './instance-api.ts';

export const instanceUseCases = (deps: {
  /** Where devices connect. */
  mqtt: () => Promise<{ host: string; port: number }>;
}): UseCases<typeof instanceRoutes> => ({
  about: async () => ({
    body: {
      name: document.info.title,
      version: document.info.version,
      links: { self: '/v1', openapi: '/openapi.json', docs: '/docs' },
      mqtt: await deps.mqtt(),
    },
  }),
  openapi: async () => ({ body: document }),
  docs: async () => ({ rendered: { contentType: 'text/html; charset=utf-8', text: docsPage(document) } }),
});
