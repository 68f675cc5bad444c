/** Programs of others that stand beside ours where they are installed: a test of one is skipped, and counted so, where it isn't. */
import { spawnSync } from 'node:child_process';

export const isInstalled = (command: string): boolean =>
  spawnSync(command, ['--help'], { stdio: 'ignore' }).error === undefined;
