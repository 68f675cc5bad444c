/** The one table of job kinds: what the jobs function can run. */
import { deletionJob } from '../deletion/run-deletion.ts';
import type { Provision } from '../provisioning/provisioner-protocol.ts';
import type { JobKind } from './define-job.ts';
import type { JobKindName } from './job.ts';

export const jobKinds = (deps: { provision: Provision }): Readonly<Record<JobKindName, JobKind>> => ({
  deletion: deletionJob(deps),
});
