/** Routes of exports. */
import { idParam } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { jobRoutes } from '../job/job-api.ts';
import { downloadAddress, newExport, shownExport } from './export.ts';

export const exportRoutes = {
  ...jobRoutes({
    kind: 'export',
    path: '/v1/exports',
    noun: 'exports',
    words: 'export',
    read: 'exports.read',
    write: 'exports.write',
    output: shownExport,
  }),
  create: route({
    id: 'exports.create',
    method: 'POST',
    path: '/v1/exports',
    access: 'exports.write',
    summary:
      'Export all or a part of the account, by a job. It holds what the caller may read, and lives for 30 days; there is no quota.',
    body: newExport,
    output: shownExport,
    status: 202,
    problems: ['not-found'],
  }),
  delete: route({
    id: 'exports.delete',
    method: 'DELETE',
    path: '/v1/exports/{id}',
    access: 'exports.write',
    summary: 'Delete an export: its file is gone at once. One that is running must be cancelled before.',
    params: idParam('export'),
    problems: ['not-found', 'conflict', 'stale'],
  }),
  download: route({
    id: 'exports.download',
    method: 'GET',
    path: '/v1/exports/{id}/download',
    access: 'exports.read',
    summary:
      'Where to download the file: a redirect, or with `Accept: application/json` the address. It holds for ten minutes, and takes a Range; ask again for another. Needs the rights to read all that is inside.',
    params: idParam('export'),
    output: downloadAddress,
    redirectsTo: 'application/zip',
    problems: ['not-found', 'conflict', 'forbidden'],
  }),
};
