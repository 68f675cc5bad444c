/** All kinds of jobs, of which a test runs some: the others fail. */

import * as z from 'zod';
import { defineJob, type JobKind } from '../../shared/job/define-job.ts';
import { JOB_KINDS, type JobKindName } from '../../shared/job/job.ts';

const unknownHere = (kind: JobKindName): JobKind =>
  defineJob({
    unit: 'steps',
    input: z.unknown(),
    place: z.unknown(),
    run: () => Promise.reject(new Error(`This test knows no ${kind}.`)),
  });

export const kindsWith = (known: Partial<Record<JobKindName, JobKind>>): Readonly<Record<JobKindName, JobKind>> =>
  Object.fromEntries(JOB_KINDS.map((kind) => [kind, known[kind] ?? unknownHere(kind)])) as Record<JobKindName, JobKind>;
