/** Routes of API clients. */
import { idParam, pageOf, pageQuery } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { apiClient, apiClientWithSecret, newApiClient, rotatedApiClient } from './api-client.ts';

export const apiClientRoutes = {
  list: route({
    id: 'api-clients.list',
    method: 'GET',
    path: '/v1/api-clients',
    access: 'api-clients.read',
    summary: 'List API clients.',
    query: pageQuery,
    output: pageOf(apiClient),
  }),
  create: route({
    id: 'api-clients.create',
    method: 'POST',
    path: '/v1/api-clients',
    access: 'api-clients.write',
    summary: 'Create an API client. Its secret is shown once; it gets no scope that the caller lacks.',
    body: newApiClient,
    output: apiClientWithSecret,
    secrets: ['clientSecret'],
    problems: ['forbidden'],
  }),
  rotate: route({
    id: 'api-clients.rotate',
    method: 'POST',
    path: '/v1/api-clients/{id}/rotate',
    access: 'api-clients.write',
    summary: 'Give an API client a new secret, shown once. The one before works on for 15 minutes.',
    params: idParam('apiClient'),
    output: rotatedApiClient,
    status: 200,
    secrets: ['clientSecret'],
    problems: ['not-found', 'conflict', 'forbidden'],
  }),
  delete: route({
    id: 'api-clients.delete',
    method: 'DELETE',
    path: '/v1/api-clients/{id}',
    access: 'api-clients.write',
    summary: 'Delete an API client; its tokens are refused within 60 seconds.',
    params: idParam('apiClient'),
    ifMatch: 'optional',
    problems: ['not-found', 'stale'],
  }),
};
