/** The one table of job kinds: what the jobs function can run. */
import { deletionJob } from '../deletion/run-deletion.ts';
import { type ExportDeps, exportJob } from '../export/run-export.ts';
import { type ImportDeps, importJob } from '../import/run-import.ts';
import type { JobKind } from './define-job.ts';
import type { JobKindName } from './job.ts';

export const jobKinds = (deps: ExportDeps & ImportDeps): Readonly<Record<JobKindName, JobKind>> => ({
  deletion: deletionJob(deps),
  export: exportJob(deps),
  import: importJob(deps),
});
