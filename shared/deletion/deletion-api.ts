/** Routes of deletions. They are of the noun `readings`: those are what a deletion removes. */
import { jobRoutes } from '../job/job-api.ts';
import { deletion } from './deletion.ts';

export const deletionRoutes = jobRoutes({
  kind: 'deletion',
  path: '/v1/deletions',
  noun: 'deletions',
  words: 'deletion of readings',
  read: 'readings.read',
  write: 'readings.write',
  output: deletion,
});
