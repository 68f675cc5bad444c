/** Routes of jobs: the same four for every kind. */
import type * as z from 'zod';
import { idParam, pageOf, pageQuery } from '../api/fields.ts';
import { route } from '../api/route.ts';
import type { AccountScope } from '../api/scopes.ts';
import type { JobKindName } from './job.ts';

interface JobRouteOptions<R extends AccountScope, W extends AccountScope, O extends z.ZodType> {
  readonly kind: JobKindName;
  readonly path: `/v1/${string}`;
  /** In the plural: the first part of the routes' ids. */
  readonly noun: string;
  /** What one is, in words: "a deletion of readings". */
  readonly words: string;
  readonly read: R;
  readonly write: W;
  readonly output: O;
}

export const jobRoutes = <const R extends AccountScope, const W extends AccountScope, O extends z.ZodType>(
  of: JobRouteOptions<R, W, O>,
) => ({
  list: route({
    id: `${of.noun}.list`,
    method: 'GET',
    path: of.path,
    access: of.read,
    summary: `List each ${of.words}, newest first.`,
    query: pageQuery,
    output: pageOf(of.output),
  }),
  get: route({
    id: `${of.noun}.get`,
    method: 'GET',
    path: `${of.path}/{id}`,
    access: of.read,
    summary: `How far a ${of.words} is.`,
    params: idParam(of.kind),
    output: of.output,
    problems: ['not-found'],
  }),
  cancel: route({
    id: `${of.noun}.cancel`,
    method: 'POST',
    path: `${of.path}/{id}/cancel`,
    access: of.write,
    summary: `Cancel a ${of.words}: at once while it is queued, else before its next step. What it has done stands.`,
    params: idParam(of.kind),
    output: of.output,
    status: 200,
    problems: ['not-found', 'conflict', 'stale'],
  }),
  retry: route({
    id: `${of.noun}.retry`,
    method: 'POST',
    path: `${of.path}/{id}/retry`,
    access: of.write,
    summary: `Try a failed or cancelled ${of.words} again.`,
    params: idParam(of.kind),
    output: of.output,
    status: 202,
    problems: ['not-found', 'conflict', 'stale'],
  }),
});
