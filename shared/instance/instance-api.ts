/** Public routes of the instance itself: what it is, its OpenAPI document, and a page to read it. */
import * as z from 'zod';
import { route } from '../api/route.ts';

export const instanceRoutes = {
  about: route({
    id: 'instance.about',
    method: 'GET',
    path: '/v1',
    access: 'public',
    summary: 'Name, version, links and the MQTT endpoint.',
    output: z
      .object({
        name: z.string(),
        version: z.string(),
        links: z.object({
          self: z.string(),
          openapi: z.string(),
          docs: z.string(),
          openIdConfiguration: z.string().describe('Where tokens come from, by OpenID Connect Discovery.'),
        }),
        mqtt: z.object({ host: z.string(), port: z.int() }).describe('Where devices connect, over TLS.'),
      })
      .meta({ id: 'Instance' }),
  }),
  openapi: route({
    id: 'instance.openapi',
    method: 'GET',
    path: '/openapi.json',
    access: 'public',
    summary: 'This document: OpenAPI 3.1.',
    output: z.looseObject({ openapi: z.string() }),
  }),
  docs: route({
    id: 'instance.docs',
    method: 'GET',
    path: '/docs',
    access: 'public',
    summary: 'A page to read and try the API.',
    alsoProduces: ['text/html'],
  }),
};
