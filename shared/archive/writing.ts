/**
 * An archive on its way, step by step: what a step has written stands in parts of an upload, and what is known of it in an object
 * beside, so that neither memory nor the history of the job grows with it. A step that is killed is simply done again.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { addFile, type Content } from './add-file.ts';
import {
  type ObjectClients,
  objectName,
  objectSize,
  putObject,
  readObject,
  readWhole,
  removeObject,
} from './objects.ts';
import { type FileRecord, type StepRecord, stepRecord, type TableRecord } from './records.ts';
import { openTable, TableEntries } from './table-entries.ts';
import { abortUpload, beginUpload, completeUpload, type Part, PartsWriter } from './upload-parts.ts';
import { writeDirectory, type ZipEntry, ZipWriter } from './zip/zip-writer.ts';

/** Where the writing is: ids and counts. */
export const writingPlace = z.strictObject({
  upload: z.string(),
  /** Steps that are done. */
  steps: z.int(),
  /** The number of the next part. */
  part: z.int(),
  /** Of the archive. */
  bytes: z.int(),
  files: z.int(),
  rows: z.int(),
  /** A table that goes on in the next step. */
  open: openTable.optional(),
});
export type WritingPlace = z.output<typeof writingPlace>;

/** A file to write. */
export interface FileToWrite {
  readonly path: string;
  /** What its rows are: the name of a schema. */
  readonly kind: string;
  readonly content: Content;
  /** How many there are, once the content was taken. */
  readonly rows: () => number;
}

const ARCHIVE = 'archive.zip';
const TYPE = 'application/zip';
/** Names the upload, for whoever gives it up. */
const UPLOAD = 'work/upload';

/** The archive of a job, and what stands beside it until it is whole. */
export class ArchiveOfJob {
  readonly #clients: ObjectClients;
  readonly #job: string;
  /** The object's name. */
  readonly name: string;

  constructor(clients: ObjectClients, job: string) {
    this.#clients = clients;
    this.#job = job;
    this.name = this.#object(ARCHIVE);
  }

  #object = (name: string) => objectName(this.#clients.account, 'exports', this.#job, name);
  #recordOf = (step: number) => this.#object(`work/${step}.json`);
  #restOf = (step: number) => this.#object(`work/${step}.rest`);

  /** What an earlier attempt has left is discarded. */
  async begin(): Promise<WritingPlace> {
    await this.discard();
    const upload = await beginUpload(this.#clients, this.name, TYPE);
    await putObject(this.#clients, this.#object(UPLOAD), upload);
    return { upload, steps: 0, part: 1, bytes: 0, files: 0, rows: 0 };
  }

  async #open(place: WritingPlace) {
    const rest = place.steps === 0 ? Buffer.alloc(0) : await readWhole(this.#clients, this.#restOf(place.steps - 1));
    const upload = { name: this.name, id: place.upload };
    const parts = new PartsWriter(this.#clients, upload, { next: place.part, rest });
    return { upload, parts, zip: new ZipWriter((bytes) => parts.write(bytes), place.bytes, place.open?.entry) };
  }

  /** Writes files and tables until there are no more, or `work` says that it is enough for a step. It answers a note for the next. */
  async write(
    place: WritingPlace,
    work: (add: AddFile, tables: TableEntries) => Promise<unknown>,
  ): Promise<WritingPlace> {
    const { parts, zip } = await this.#open(place);
    const tables = new TableEntries(zip, place.open);
    const files: FileRecord[] = [];
    const note = await work(async (file) => {
      const record = await addRecorded(zip, file);
      files.push(record);
      return { files: files.length, bytes: zip.at - place.bytes };
    }, tables);
    const open = await tables.pause();
    const written = await parts.pause();
    const record: StepRecord = { parts: written.parts, files, tables: tables.written, note };
    await putObject(this.#clients, this.#restOf(place.steps), written.rest);
    await putObject(this.#clients, this.#recordOf(place.steps), JSON.stringify(record));
    return {
      upload: place.upload,
      steps: place.steps + 1,
      part: place.part + written.parts.length,
      bytes: zip.at,
      files: place.files + files.length + tables.written.length,
      rows: files.reduce((sum, { rows }) => sum + rows, place.rows + tables.rows),
      ...(open ? { open } : {}),
    };
  }

  async #step(step: number): Promise<StepRecord> {
    const text = (await readWhole(this.#clients, this.#recordOf(step))).toString();
    return stepRecord.parse(JSON.parse(text));
  }

  /** What the step before this place has left, as JSON; `undefined` where there is none. */
  async note({ steps }: WritingPlace): Promise<unknown> {
    return steps === 0 ? undefined : (await this.#step(steps - 1)).note;
  }

  async *#steps(place: WritingPlace) {
    for (let step = 0; step < place.steps; step++) yield await this.#step(step);
  }

  /** All files that were written, in their order. */
  async *records(place: WritingPlace): AsyncGenerator<FileRecord> {
    for await (const { files } of this.#steps(place)) yield* files;
  }

  /** All tables that were written, in their order. */
  async *tables(place: WritingPlace): AsyncGenerator<TableRecord> {
    for await (const { tables } of this.#steps(place)) yield* tables;
  }

  /** Writes the last files and the directory; from then on the archive is there. */
  async finish(
    place: WritingPlace,
    work: (add: (file: FileToWrite) => Promise<FileRecord>) => Promise<void>,
  ): Promise<void> {
    // It was finished, and only the answer was lost.
    if ((await objectSize(this.#clients, this.name)) !== undefined) return;
    const { upload, parts, zip } = await this.#open(place);
    const last: FileRecord[] = [];
    await work(async (file) => {
      const record = await addRecorded(zip, file);
      last.push(record);
      return record;
    });
    const steps = this.#steps(place);
    async function* entries(): AsyncGenerator<ZipEntry> {
      for await (const { files, tables } of steps) for (const { entry } of [...files, ...tables]) yield entry;
      for (const { entry } of last) yield entry;
    }
    await writeDirectory((bytes) => parts.write(bytes), zip.at, entries());
    const all: Part[] = [];
    for await (const step of this.#steps(place)) all.push(...step.parts);
    await completeUpload(this.#clients, upload, [...all, ...(await parts.end())]);
  }

  /** Of the archive as it stands, read back whole. */
  async checksum(): Promise<{ bytes: number; sha256: string }> {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of await readObject(this.#clients, this.name)) {
      hash.update(piece);
      bytes += piece.length;
    }
    return { bytes, sha256: hash.digest('hex') };
  }

  /** Removes what stood beside the archive. The last first: whoever goes on finds the rest. */
  async tidy(): Promise<void> {
    let steps = 0;
    while ((await objectSize(this.#clients, this.#recordOf(steps))) !== undefined) steps += 1;
    // A step that was killed has written its rest alone.
    for (let step = steps; step >= 0; step--) {
      await removeObject(this.#clients, this.#restOf(step));
      await removeObject(this.#clients, this.#recordOf(step));
    }
    await removeObject(this.#clients, this.#object(UPLOAD));
  }

  /** Removes all of it, whether it was finished or not. */
  async discard(): Promise<void> {
    if ((await objectSize(this.#clients, this.#object(UPLOAD))) !== undefined) {
      const id = (await readWhole(this.#clients, this.#object(UPLOAD))).toString();
      await abortUpload(this.#clients, { name: this.name, id });
    }
    await this.tidy();
    await removeObject(this.#clients, this.name);
  }
}

/** Answers what this step has written so far. */
export type AddFile = (file: FileToWrite) => Promise<{ files: number; bytes: number }>;

async function addRecorded(zip: ZipWriter, { path, kind, content, rows }: FileToWrite): Promise<FileRecord> {
  const written = await addFile(zip, path, content);
  return { kind, rows: rows(), ...written };
}
