/** Which names a stranger's archive may hold: those that mean one and the same file wherever it is unpacked. */
import { ArchiveError } from './archive-error.ts';

const MAX_BYTES = 1000;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The name, with its `/` if it is a directory's. It is UTF-8 whether the entry says so or not: macOS writes it without saying.
 * Throws ArchiveError `bad-name`.
 */
export function entryName(raw: Uint8Array): string {
  const bad = (why: string) =>
    new ArchiveError('bad-name', `A name in the archive ${why}.`, Buffer.from(raw).toString('utf8', 0, MAX_BYTES));
  if (raw.length === 0) throw bad('is empty');
  if (raw.length > MAX_BYTES) throw bad(`is longer than ${MAX_BYTES} bytes`);
  let name: string;
  try {
    name = utf8.decode(raw);
  } catch {
    throw bad('is not UTF-8');
  }
  if (/\p{Cc}/u.test(name)) throw bad('has control characters');
  if (name.includes('\\')) throw bad('has a backslash');
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) throw bad('is absolute');
  if (name !== name.normalize('NFC')) throw bad('is not in Unicode normalization form C');
  const segments = (isDirectory(name) ? name.slice(0, -1) : name).split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw bad('has a segment that is empty, "." or ".."');
  }
  return name;
}

export const isDirectory = (name: string) => name.endsWith('/');

/**
 * Throws ArchiveError `duplicate-name` where two names are one file for a file system that ignores case, or a file's name is
 * a folder of another.
 */
export function refuseClashes(names: readonly string[]): void {
  // NUL is in no name and sorts before all: what lies in a folder comes right after what is called like the folder.
  const sorted = names
    .map((name) => ({ name, key: (isDirectory(name) ? name.slice(0, -1) : name).replaceAll('/', '\0') }))
    .map(({ name, key }) => ({ name, key: key.toLowerCase().normalize('NFC') }))
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  for (const [i, { name, key }] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next?.key === key) {
      throw new ArchiveError('duplicate-name', 'Two names in the archive are the same but for case.', next.name);
    }
    if (!isDirectory(name) && next?.key.startsWith(`${key}\0`)) {
      throw new ArchiveError('duplicate-name', 'A file in the archive is called like a folder.', name);
    }
  }
}
