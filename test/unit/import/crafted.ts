/** Archives as an attacker makes them: the files of a good one, some of them changed, and described anew so that only that is wrong. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { writeDirectory, ZipWriter } from '../../../shared/archive/zip/zip-writer.ts';
import { sha256 } from '../../support/archives.ts';

export type Files = ReadonlyMap<string, Buffer>;

/** A ZIP of these entries in their order, whatever they are called, and however often. */
export async function zipOf(entries: Iterable<readonly [string, Buffer]>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const sink = async (bytes: Uint8Array) => void pieces.push(bytes);
  const zip = new ZipWriter(sink, 0);
  const written = [];
  for (const [name, bytes] of entries) {
    await zip.begin(name, { level: 9 });
    await zip.write(bytes);
    written.push(await zip.end());
  }
  await writeDirectory(sink, zip.at, written);
  return Buffer.concat(pieces);
}

const TAGS = ['bagit.txt', 'bag-info.txt', 'manifest-sha256.txt'];
const MANIFEST = 'manifest-sha256.txt';
const TAG_MANIFEST = 'tagmanifest-sha256.txt';
const isTag = (name: string) => TAGS.includes(name) || name === TAG_MANIFEST;

const manifestOf = (files: Iterable<readonly [string, Buffer]>): Buffer =>
  Buffer.from([...files].map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join(''));

/** With a manifest of its data, and a tag manifest of that. */
export function described(files: Files): Files {
  const data = [...files].filter(([name]) => !isTag(name));
  return tagged(new Map([...files, [MANIFEST, manifestOf(data)]]));
}

/** With a tag manifest of what tag files it has. */
export const tagged = (files: Files): Files =>
  new Map([...files, [TAG_MANIFEST, manifestOf([...files].filter(([name]) => TAGS.includes(name)))]]);

export const bagOf = (files: Files): Promise<Buffer> => zipOf(described(files));

const isGzip = (name: string) => name.endsWith('.gz');

export const textOf = (files: Files, name: string): string => {
  const bytes = files.get(name);
  if (!bytes) throw new Error(`There is no ${name}.`);
  return (isGzip(name) ? gunzipSync(bytes) : bytes).toString();
};

/** With another text in a file. */
export const withText = (files: Files, name: string, text: string): Files =>
  new Map([...files, [name, isGzip(name) ? gzipSync(text) : Buffer.from(text)]]);

export type Line = Record<string, unknown>;

/** A bag in which one line (from 1; the first one unless said) of a file is another: a document, or a text as it is. */
export function withLine(files: Files, name: string, change: (line: Line) => Line | string, number = 1) {
  const lines = textOf(files, name).split('\n');
  const changed = change(JSON.parse(lines[number - 1] ?? ''));
  lines[number - 1] = typeof changed === 'string' ? changed : JSON.stringify(changed);
  return bagOf(withText(files, name, lines.join('\n')));
}

/** Where the directory of a ZIP describes a file: the place of its header. */
export function headerOf(zip: Buffer, name: string): number {
  for (let at = zip.indexOf('PK\x01\x02'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 4)) {
    const length = zip.readUInt16LE(at + 28);
    if (zip.subarray(at + 46, at + 46 + length).toString() === name) return at;
  }
  throw new Error(`${name} is not in it.`);
}

/** A copy with other bytes. */
export function patched(zip: Buffer, patch: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(zip);
  patch(copy);
  return copy;
}
