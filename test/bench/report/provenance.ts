/** Where figures come from: without the commit, the machine and the day they mean nothing. */
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { ROOT } from '../../support/host.ts';

const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();

export function provenance() {
  const results = ':(exclude)test/bench/results';
  return {
    commit: git('rev-parse', 'HEAD'),
    /** Whether files differed from the commit, results of benches aside. */
    dirty: git('status', '--porcelain', '--', '.', results) !== '',
    date: new Date().toISOString(),
    machine: {
      cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
      cores: os.availableParallelism(),
      memoryGb: Number((os.totalmem() / 2 ** 30).toFixed(1)),
      platform: `${os.platform()} ${os.arch()}`,
      node: process.version,
    },
  };
}
