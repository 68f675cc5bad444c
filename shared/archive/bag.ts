/**
 * What makes an archive a bag (BagIt, RFC 8493) and a data package (Frictionless): the files that describe the others. They are written
 * last, from what is known of the others, file by file, so that a million of them takes no more memory than one.
 */
import type { Content } from './add-file.ts';
import { archiveJson } from './archive-json.ts';
import { dataPackage, resourceName } from './data-package.ts';
import type { FileRecord } from './records.ts';
import { ARCHIVE_VERSION, DOCUMENTS, type DocumentKind, tableSchema } from './schemas.ts';
import type { FileToWrite } from './writing.ts';

export interface BagInfo {
  /** The id of the export, of which the archive tells. */
  readonly id: string;
  readonly account: string;
  /** ISO 8601. */
  readonly cut: string;
  /** `data/coverage.json` */
  readonly coverage: object;
}

const DATA = 'data/';
const SOFTWARE = 'Custodia';

const isDocument = (kind: string): kind is DocumentKind => Object.hasOwn(DOCUMENTS, kind);
const schemaPath = (kind: DocumentKind) => `schemas/${kind}.json`;
const json = (value: object) => [`${archiveJson(JSON.parse(JSON.stringify(value)))}\n`];
const file = (path: string, kind: string, content: Content): FileToWrite => ({ path, kind, content, rows: () => 0 });

/** A file as a data package describes it: `hash` and `bytes` of the file, `content…` of what it holds before compression. */
function resource({ entry, kind, rows, bytes, sha256, contentBytes, contentSha256 }: FileRecord): object {
  const path = entry.name.slice(DATA.length);
  const isGzip = path.endsWith('.gz');
  const isLines = path.includes('.ndjson');
  return {
    name: resourceName(path),
    path,
    format: isLines ? 'ndjson' : 'json',
    mediatype: isLines ? 'application/x-ndjson' : 'application/json',
    encoding: 'utf-8',
    ...(isGzip ? { compression: 'gz' } : {}),
    bytes,
    hash: `sha256:${sha256}`,
    contentBytes,
    contentHash: `sha256:${contentSha256}`,
    ...(isLines && isDocument(kind) ? { rows, schema: schemaPath(kind) } : {}),
  };
}

async function* resources(records: AsyncIterable<FileRecord>): AsyncGenerator<object> {
  for await (const record of records) yield resource(record);
}

async function* manifest(records: AsyncIterable<FileRecord>, last: readonly FileRecord[]): AsyncGenerator<string> {
  const line = ({ sha256, entry }: FileRecord) => `${sha256}  ${entry.name}\n`;
  for await (const record of records) yield line(record);
  for (const record of last) yield line(record);
}

/** Adds all that is missing. `records` gives what was written before, again and again; its kinds decide which schemas are there. */
export async function finishBag(
  info: BagInfo,
  records: () => AsyncIterable<FileRecord>,
  add: (file: FileToWrite) => Promise<FileRecord>,
): Promise<void> {
  let [bytes, count] = [0, 0];
  const kinds = new Set<DocumentKind>();
  for await (const record of records()) {
    bytes += record.bytes;
    count += 1;
    if (isDocument(record.kind)) kinds.add(record.kind);
  }
  const last: FileRecord[] = [];
  const addData = async (path: string, kind: string, content: Content) => {
    const record = await add(file(DATA + path, kind, content));
    last.push(record);
    bytes += record.bytes;
    count += 1;
  };
  await addData('coverage.json', 'coverage', json(info.coverage));
  for (const kind of kinds) await addData(schemaPath(kind), 'schema', json(tableSchema(kind)));
  const { id, account, cut } = info;
  const head = { id, created: cut, custodia: { account, export: id, version: ARCHIVE_VERSION } };
  await addData('datapackage.json', 'datapackage', dataPackage(head, resources(records())));

  const tags = [
    await add(file('bagit.txt', 'tag', ['BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'])),
    await add(file('bag-info.txt', 'tag', [bagInfo(info, bytes, count)])),
    await add(file('manifest-sha256.txt', 'tag', manifest(records(), last))),
  ];
  const tagLines = tags.map(({ sha256, entry }) => `${sha256}  ${entry.name}\n`);
  await add(file('tagmanifest-sha256.txt', 'tag', tagLines));
}

const bagInfo = ({ id, account, cut }: BagInfo, bytes: number, count: number): string =>
  [
    `Bag-Software-Agent: ${SOFTWARE}`,
    `Bagging-Date: ${cut.slice(0, 10)}`,
    `Custodia-Account: ${account}`,
    `Custodia-Archive-Version: ${ARCHIVE_VERSION}`,
    `External-Identifier: ${id}`,
    `Payload-Oxum: ${bytes}.${count}`,
    '',
  ].join('\n');
