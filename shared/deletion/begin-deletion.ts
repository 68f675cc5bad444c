/** Begins a deletion, and says where it is: what a route answers with 202. */
import { beginJob, type JobStarts } from '../job/begin-job.ts';
import { DELETION_UNIT, type DeletionInput } from './deletion.ts';
import { deletionRoutes } from './deletion-api.ts';

type Begin = typeof beginJob;

/** `alongside` is written with it, or neither is: what is deleted by then is swept for sure. */
export async function beginDeletion(
  deps: JobStarts,
  caller: Parameters<Begin>[1],
  input: DeletionInput,
  alongside: Parameters<Begin>[3] = [],
) {
  const body = await beginJob(deps, caller, { kind: 'deletion', unit: DELETION_UNIT, input }, alongside);
  return { body, location: `${deletionRoutes.list.path}/${body.id}` };
}
