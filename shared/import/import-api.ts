/** Routes of imports. */
import { idParam } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { jobRoutes } from '../job/job-api.ts';
import { mappingAddress, newImport, shownImport, startImport } from './import.ts';

export const importRoutes = {
  ...jobRoutes({
    kind: 'import',
    path: '/v1/imports',
    noun: 'imports',
    words: 'import',
    read: 'imports.read',
    write: 'imports.write',
    output: shownImport,
  }),
  create: route({
    id: 'imports.create',
    method: 'POST',
    path: '/v1/imports',
    access: 'imports.write',
    summary:
      'Prepare an import: it answers where to put the file, in parts of 100 MB. `start` it when all of them are there.',
    body: newImport,
    output: shownImport,
    problems: ['not-found'],
  }),
  start: route({
    id: 'imports.start',
    method: 'POST',
    path: '/v1/imports/{id}/start',
    access: 'imports.write',
    summary:
      'Start an import whose file was uploaded: everything is checked before anything is made, and what is there already stays as it is. Needs the rights to write what the file holds. After a dry run, or a failure, start it again.',
    params: idParam('import'),
    body: startImport,
    output: shownImport,
    status: 202,
    problems: ['not-found', 'conflict', 'forbidden', 'stale'],
  }),
  mapping: route({
    id: 'imports.mapping',
    method: 'GET',
    path: '/v1/imports/{id}/mapping',
    access: 'imports.read',
    summary:
      'Where the list is of the ids that the things of an archive have here, as NDJSON: a redirect, or as JSON the address.',
    params: idParam('import'),
    output: mappingAddress,
    redirectsTo: 'application/x-ndjson',
    problems: ['not-found', 'conflict'],
  }),
};
