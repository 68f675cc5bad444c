/**
 * What must never be committed: secrets, paths of one person's machine, hosts only we can reach, download addresses in the
 * lockfile. Judged is every file that git has or would take, so that it fails before the commit.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { execute, type Part } from './part.ts';

interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
  /** Only this file is judged; by default all are. */
  readonly file?: string;
}

// A path begins where no word and no URL runs on: `https://x.dev/home/me/` and `node_modules/root/` are no machine's paths.
const PATH_START = String.raw`(?<![\w.:/~}$-])`;

const RULES: readonly Rule[] = [
  { name: 'download address in the lockfile', pattern: /"resolved":\s*"https?:/, file: 'package-lock.json' },
  { name: 'machine path', pattern: new RegExp(`${PATH_START}/(root|work|home/[\\w.-]+|Users/[\\w.-]+)/`) },
  { name: 'machine path', pattern: /\b[A-Z]:\\{1,2}Users\\/i },
  { name: 'private host', pattern: /https?:\/\/(10|192\.168|172\.(1[6-9]|2\d|3[01]))(\.\d{1,3}){2,3}\b/ },
  { name: 'private host', pattern: /https?:\/\/[\w.-]+\.(internal|corp|lan|intranet)\b/ },
  // AWS's own examples end in EXAMPLE; what repeats one letter was typed by a person.
  { name: 'AWS access key id', pattern: /\b(AKIA|ASIA)(?!\w*EXAMPLE\b)(?!\w*(\w)\2{7})[A-Z2-7]{16}\b/ },
  { name: 'private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{16}/ },
  { name: 'token', pattern: /\b(gh[pousr]_\w{36}|github_pat_\w{22}|npm_\w{36}|xox[abp]-[\w-]{20})/ },
];

export const hygiene: Part = {
  name: 'hygiene',
  async run(root) {
    // `safe.directory`: a clone mounted into a container often belongs to somebody else.
    const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const listed = await execute(root, 'git', args);
    if (listed.code !== 0) return { ok: false, output: `git can't list the files: ${listed.stderr}` };
    const findings: string[] = [];
    for (const file of new Set(listed.stdout.split('\0'))) {
      const text = file && (await readFile(path.join(root, file), 'utf8').catch(() => ''));
      if (text) findings.push(...offences(file, text));
    }
    return { ok: findings.length === 0, output: findings.join('\n') };
  },
};

/** Names file, line and rule but not what was found: a log isn't the place for a secret either. */
function offences(file: string, text: string): string[] {
  return RULES.filter((rule) => rule.file === undefined || rule.file === file).flatMap(({ name, pattern }) => {
    const found = pattern.exec(text);
    return found ? [`${file}:${text.slice(0, found.index).split('\n').length}: ${name}`] : [];
  });
}
