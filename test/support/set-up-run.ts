/** Before the first file of `npm test` and after its last: the run's folder, and the hosts that files share. */
import { rmSync } from 'node:fs';
import { deskOf, makeRunFolder } from './run-folder.ts';
import { openDesk } from './shared-hosts.ts';

export default async function setUpRun(): Promise<() => Promise<void>> {
  const folder = makeRunFolder();
  const closeDesk = await openDesk(deskOf(folder));
  return async () => {
    try {
      await closeDesk();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
