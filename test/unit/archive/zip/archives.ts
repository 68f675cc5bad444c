/** What the tests of archives share: a sink and a source in memory, and other people's readers. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromBufferPromise } from 'yauzl';
import { ArchiveError } from '../../../../shared/archive/zip/archive-error.ts';
import type { ZipSource } from '../../../../shared/archive/zip/zip-source.ts';
import { type Sink, writeDirectory, type ZipEntry, ZipWriter } from '../../../../shared/archive/zip/zip-writer.ts';

export class Collector {
  readonly chunks: Uint8Array[] = [];
  #isBusy = false;

  readonly sink: Sink = async (bytes) => {
    if (this.#isBusy) throw new Error('The sink was called before it had answered.');
    this.#isBusy = true;
    await new Promise(setImmediate);
    this.chunks.push(bytes);
    this.#isBusy = false;
  };

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

export type Contents = readonly (readonly [name: string, contents: Buffer])[];

/** An archive as one writer makes it, in pieces of `piece` bytes. */
export async function written(
  contents: Contents,
  options: { level?: number; large?: boolean; piece?: number } = {},
): Promise<Buffer> {
  const out = new Collector();
  const writer = new ZipWriter(out.sink, 0);
  const entries: ZipEntry[] = [];
  for (const [name, bytes] of contents) {
    await writer.begin(name, options);
    for (const piece of pieces(bytes, options.piece ?? 65_536)) await writer.write(piece);
    entries.push(await writer.end());
  }
  const size = await writeDirectory(out.sink, writer.at, entries);
  if (size !== out.bytes.length) throw new Error(`It says ${size} bytes, and has ${out.bytes.length}.`);
  return out.bytes;
}

export function pieces(bytes: Buffer, length: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  );
}

export interface MemorySource extends ZipSource {
  readonly reads: [start: number, end: number][];
  /** Bytes that were taken from it. */
  readonly delivered: number;
  readonly open: number;
}

/** A source of `bytes`, in pieces. */
export function memorySource(bytes: Buffer, piece = 16_384): MemorySource {
  const state = { reads: [] as [number, number][], delivered: 0, open: 0 };
  return Object.assign(state, {
    size: bytes.length,
    read: async (start: number, end: number) => {
      state.reads.push([start, end]);
      return (async function* () {
        state.open++;
        try {
          for (const part of pieces(bytes.subarray(start, end), piece)) {
            await new Promise(setImmediate);
            state.delivered += part.length;
            yield part;
          }
        } finally {
          state.open--;
        }
      })();
    },
  });
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks));
}

/** The archive as yauzl alone reads it, with its own checks of sizes. */
export async function readByYauzl(bytes: Buffer): Promise<[string, Buffer][]> {
  const zip = await fromBufferPromise(bytes);
  const files: [string, Buffer][] = [];
  for await (const entry of zip.eachEntry()) {
    files.push([entry.fileName, await collect(await zip.openReadStreamPromise(entry))]);
  }
  return files;
}

export const has = (tool: string) => spawnSync(tool, ['--help']).error === undefined;

/** What a tool says of the archive; throws if it objects. */
export function judge(bytes: Buffer, tool: string, ...options: string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'custodia-zip-'));
  try {
    const file = path.join(folder, 'a.zip');
    writeFileSync(file, bytes);
    const { status, stdout, stderr } = spawnSync(tool, [...options, file], { maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(`${tool}: ${status} ${stdout.toString().slice(-2000)} ${stderr}`);
    return stdout.toString();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Name, CRC and size of each entry as Python reads it, after it has tested all of them. */
export function readByPython(bytes: Buffer): [string, number, number][] {
  const script = [
    'import sys, json, zipfile',
    'z = zipfile.ZipFile(sys.argv[1])',
    'bad = z.testzip()',
    'assert bad is None, bad',
    'print(json.dumps([[i.filename, i.CRC, i.file_size] for i in z.infolist()]))',
  ].join('\n');
  return JSON.parse(judge(bytes, 'python3', '-c', script)) as [string, number, number][];
}

/** The ArchiveError that `run` ends with. */
export async function refusal(run: () => Promise<unknown>): Promise<ArchiveError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ArchiveError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}
