/** Exports as a customer's script uses them: asked for, waited for, downloaded, taken apart by tools that we didn't write. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Entry, fromBufferPromise } from 'yauzl';
import { type Answer, eventually, made, type Program } from './api.ts';

type Account = Pick<Program, 'get' | 'post'>;

const isOver = ({ status }: Answer['body']): boolean => status !== 'queued' && status !== 'running';

/** A job once it is over, found at this address. */
export const over = (account: Pick<Program, 'get'>, address: string, ms = 60_000): Promise<Answer['body']> =>
  eventually(async () => made(await account.get(address), 200), isOver, ms);

/** Asks for an export and waits until it is over. */
export async function exported(account: Account, body: object): Promise<Answer['body']> {
  const { id } = made(await account.post('/v1/exports', body), 202);
  return over(account, `/v1/exports/${id}`);
}

/** The file of an export, by its address. */
export async function download(account: Account, id: string): Promise<Buffer> {
  const answer: Answer = await account.get(`/v1/exports/${id}/download`);
  const file = await fetch(answer.headers.get('location') ?? '');
  if (!file.ok) throw new Error(`download: ${answer.status}, ${file.status} ${await file.text()}`);
  return Buffer.from(await file.arrayBuffer());
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Files by name, as a ZIP reader finds them. */
export async function unzipped(zip: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const opened = await fromBufferPromise(zip);
  for await (const entry of opened.eachEntry() as AsyncIterable<Entry>) {
    const pieces = [];
    for await (const piece of await opened.openReadStreamPromise(entry)) pieces.push(piece as Buffer);
    files.set(entry.fileName, Buffer.concat(pieces));
  }
  return files;
}

/** Files of a name like this, decompressed, as texts by name. */
export const textsOf = (files: ReadonlyMap<string, Buffer>, like: RegExp): Map<string, string> =>
  new Map(
    [...files]
      .filter(([name]) => like.test(name))
      .map(([name, bytes]) => [name, (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()]),
  );

/** Runs a command within a folder that holds the file `archive.zip`; answers what it printed. */
export function inFolderOf(zip: Buffer, ...commands: readonly (readonly [string, ...string[]])[]): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'custodia-archive-'));
  try {
    writeFileSync(path.join(folder, 'archive.zip'), zip);
    return commands.map(([command, ...args]) => execFileSync(command, args, { cwd: folder, encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
