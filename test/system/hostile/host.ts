/** The host of both suites of hostile code: it has to synthesize, and its functions start cold. */
import { afterAll, beforeAll } from 'vitest';
import { type Host, startHost } from '../../support/host.ts';
import { hostileProject, type Project } from '../../support/hostile/project.ts';

let project: Project | undefined;
/** From `beforeAll` on. */
export let host: Host;

beforeAll(async () => {
  project = hostileProject('members', 'devices');
  host = await startHost({ root: project.root });
});
afterAll(async () => {
  await host?.dispose();
  project?.dispose();
});
