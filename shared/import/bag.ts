/** An uploaded archive, opened: which files it has, what its manifests say of them, and whether that is a bag of ours at all. */
import { createHash } from 'node:crypto';
import { type ObjectClients, readObject } from '../archive/objects.ts';
import { ARCHIVE_VERSION } from '../archive/schemas.ts';
import { openZip, type ZipFile } from '../archive/zip/open-zip.ts';
import { linesOf } from './document-lines.ts';
import { refuse } from './import-error.ts';
import { uploadName } from './import-objects.ts';

/** Files of one archive: ten years of three hundred devices. */
const MOST_FILES = 1_000_000;
/** How many times larger than the upload all that it holds may be: readings that never change compress to a thirtieth. */
const MOST_RATIO = 200;
const SLACK = 64 * 1024 * 1024;
/** Bytes of a tag file that is read whole. */
const MOST_TAG_BYTES = 64 * 1024;
/** Those that the tag manifest names. */
const TAG_FILES = ['bagit.txt', 'bag-info.txt', 'manifest-sha256.txt'];

export const decompressedLimit = (size: number) => size * MOST_RATIO + SLACK;

export interface Bag {
  /** Below `data/`, in their order, with the sha256 that the manifest says. */
  readonly files: readonly (ZipFile & { readonly sha256: string })[];
  /** The account that it was exported from. */
  readonly account: string;
}

async function readTag(file: ZipFile): Promise<Buffer> {
  if (file.size > MOST_TAG_BYTES) throw refuse(`has more than ${MOST_TAG_BYTES} bytes`, file.name);
  return Buffer.concat(await Array.fromAsync(await file.open()));
}

const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/** Checksums by name, as a manifest lists them. */
async function readManifest(file: ZipFile, limit: number): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  let bytes = 0;
  const taken = (more: number) => {
    bytes += more;
    if (bytes > limit) throw refuse('is too large', file.name);
  };
  for await (const { text, number } of linesOf(await file.open(), file.name, taken)) {
    const [, sum, name] = LINE.exec(text.toString()) ?? [];
    if (sum === undefined || name === undefined) throw refuse('is not a line of a manifest', file.name, number);
    if (sums.has(name)) throw refuse(`names ${name} twice`, file.name, number);
    sums.set(name, sum);
  }
  return sums;
}

async function hashOf(file: ZipFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of await file.open()) hash.update(piece);
  return hash.digest('hex');
}

/** Throws ImportError or ArchiveError. No file of data is opened. */
export async function openBag(clients: ObjectClients, job: string, size: number): Promise<Bag> {
  const object = uploadName(clients.account, job);
  const source = { size, read: (start: number, end: number) => readObject(clients, object, { start, end }) };
  const zip = await openZip(source, { entries: MOST_FILES, bytes: decompressedLimit(size) });
  const files = new Map(zip.map((file) => [file.name, file]));
  const tag = (of: string) => {
    const file = files.get(of);
    if (!file) throw refuse('is missing: this is no archive of Custodia', of);
    return file;
  };
  const declaration = (await readTag(tag('bagit.txt'))).toString();
  if (!/^BagIt-Version: 1\.\d+\r?\nTag-File-Character-Encoding: UTF-8\r?\n?$/.test(declaration))
    throw refuse('is not of BagIt 1, in UTF-8', 'bagit.txt');
  const account = readInfo((await readTag(tag('bag-info.txt'))).toString());
  const [manifest, tags] = [tag('manifest-sha256.txt'), tag('tagmanifest-sha256.txt')];
  const tagSums = await readManifest(tags, MOST_TAG_BYTES);
  for (const name of TAG_FILES) {
    const sum = tagSums.get(name);
    if (sum === undefined) throw refuse(`does not name ${name}`, tags.name);
    if (sum !== (await hashOf(tag(name)))) throw refuse('has another checksum than the tag manifest says', name);
  }
  // What it names more would be neither data nor checked.
  const [other] = [...tagSums.keys()].filter((name) => !TAG_FILES.includes(name));
  if (other !== undefined) throw refuse(`names ${other}, which is no tag file of an archive`, tags.name);
  const sums = await readManifest(manifest, decompressedLimit(size));
  const known = new Set([...TAG_FILES, tags.name]);
  const payload = zip.filter((file) => !known.has(file.name));
  const data = payload.map((file) => {
    const sha256 = sums.get(file.name);
    if (sha256 === undefined) throw refuse('is in no manifest', file.name);
    sums.delete(file.name);
    return { ...file, sha256 };
  });
  const [missing] = sums.keys();
  if (missing !== undefined) throw refuse('is missing, but the manifest names it', missing);
  return { files: data, account };
}

function readInfo(text: string): string {
  const info = new Map(text.split(/\r?\n/).map((line) => [line.split(':')[0] ?? '', line.split(': ')[1] ?? '']));
  const version = info.get('Custodia-Archive-Version');
  if (version === undefined)
    throw refuse('names no Custodia-Archive-Version: this is no archive of Custodia', 'bag-info.txt');
  if (version !== String(ARCHIVE_VERSION))
    throw refuse(`is of archive version ${version}; this release reads ${ARCHIVE_VERSION}`, 'bag-info.txt');
  return info.get('Custodia-Account') ?? '';
}
