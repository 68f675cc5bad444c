/** What an import keeps in the archive bucket, by the import's id. */
import { objectName } from '../archive/objects.ts';

const named = (name: string) => (account: string, job: string) => objectName(account, 'imports', job, name);

/** The uploaded file. */
export const uploadName = named('upload');
/** What is wrong with it, as the import shows it: it may name what the customer named. */
export const problemName = named('problem.json');
/** Which id each of its things has here. */
export const mappingName = named('mapping.ndjson');
