/**
 * The contents of objects and parts: one file each, under a random name, written once and never changed. A file counts from
 * the moment that the store has a row with its name; so a crash at any time leaves whole objects and, at worst, files that
 * nobody names, which the next start removes. File names say nothing of keys: no key can reach out of the folder.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PRIVATE_DIRECTORY, PRIVATE_FILE } from '../../files.ts';

const CHUNK_BYTES = 256 * 1024;

export type ObjectFiles = ReturnType<typeof openObjectFiles>;

/** `known`: the files that rows name. Throws if one of them is missing. */
export function openObjectFiles(dir: string, known: ReadonlySet<string>, log: (message: string) => void) {
  const folder = path.join(dir, 'objects');
  mkdirSync(folder, { recursive: true, mode: PRIVATE_DIRECTORY });
  sweep(folder, known);
  const pathOf = (file: string): string => path.join(folder, file);

  /** At once: what is answered as deleted is gone from the disk. */
  const remove = (...files: readonly (string | undefined)[]): void => {
    for (const file of files) {
      try {
        if (file !== undefined) rmSync(pathOf(file), { force: true });
      } catch {
        log('s3: a file could not be removed; the next start will try again');
      }
    }
  };
  const openFile = (file: string): Promise<FileHandle> => open(pathOf(file));

  return {
    /** Writes a new file and answers its name. One that fails leaves nothing. */
    async write(bytes: AsyncIterable<Buffer>): Promise<string> {
      const file = randomUUID();
      try {
        await pipeline(bytes, createWriteStream(pathOf(file), { flags: 'wx', mode: PRIVATE_FILE }));
        return file;
      } catch (error) {
        await rm(pathOf(file), { force: true });
        throw error;
      }
    },
    open: openFile,
    /** The bytes of files, one after the other; `range` (inclusive) is of a single one. */
    async *read(files: readonly string[], range: { start?: number; end?: number } = {}): AsyncGenerator<Buffer> {
      for (const file of files) yield* stream(await openFile(file), range) as AsyncIterable<Buffer>;
    },
    remove,
  };
}

/** Closes the handle at its end, whichever it is. */
export const stream = (handle: FileHandle, range: { start?: number; end?: number } = {}): Readable =>
  handle.createReadStream({ ...range, highWaterMark: CHUNK_BYTES });

function sweep(folder: string, known: ReadonlySet<string>): void {
  const present = new Set(readdirSync(folder));
  for (const file of present) if (!known.has(file)) rmSync(path.join(folder, file), { force: true });
  for (const file of known) if (!present.has(file)) throw new Error(`${path.join(folder, file)} is missing`);
}
