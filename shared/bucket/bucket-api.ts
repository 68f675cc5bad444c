/** Routes of buckets. */
import * as z from 'zod';
import { idParam, nameField, pageOf, pageQuery, timeZoneField } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { deletion } from '../deletion/deletion.ts';
import { bucket, newBucket, retentionField } from './bucket.ts';

export const bucketRoutes = {
  list: route({
    id: 'buckets.list',
    method: 'GET',
    path: '/v1/buckets',
    access: 'buckets.read',
    summary: 'List buckets.',
    query: pageQuery,
    output: pageOf(bucket),
  }),
  create: route({
    id: 'buckets.create',
    method: 'POST',
    path: '/v1/buckets',
    access: 'buckets.write',
    summary: 'Create a bucket. It collects from the moment this has answered.',
    body: newBucket,
    output: bucket,
    problems: ['not-found', 'conflict'],
  }),
  get: route({
    id: 'buckets.get',
    method: 'GET',
    path: '/v1/buckets/{id}',
    access: 'buckets.read',
    summary: 'One bucket.',
    params: idParam('bucket'),
    output: bucket,
    problems: ['not-found'],
  }),
  update: route({
    id: 'buckets.update',
    method: 'PATCH',
    path: '/v1/buckets/{id}',
    access: 'buckets.write',
    summary:
      'Change a bucket (JSON Merge Patch); its source stays. A shorter retention holds at once; a job under /v1/deletions has what is stored expire by the new one.',
    params: idParam('bucket'),
    body: z
      .strictObject({
        name: nameField.optional(),
        retentionDays: retentionField.nullable().optional(),
        timeZone: timeZoneField.nullable().optional(),
      })
      .meta({ id: 'BucketPatch', examples: [{ retentionDays: 365 }] }),
    output: bucket,
    ifMatch: 'required',
    problems: ['not-found', 'stale', 'precondition-required'],
  }),
  delete: route({
    id: 'buckets.delete',
    method: 'DELETE',
    path: '/v1/buckets/{id}',
    access: 'buckets.write',
    summary: 'Delete a bucket. A job removes the readings it holds; other buckets keep what they collect, too.',
    params: idParam('bucket'),
    output: deletion,
    status: 202,
    orDone: true,
    ifMatch: 'optional',
    problems: ['not-found', 'stale'],
  }),
};
