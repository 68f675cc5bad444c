/** The host's own log: one line a time, in a file of its own; the previous start's is kept beside it. */
import { createWriteStream, renameSync } from 'node:fs';
import path from 'node:path';
import { PRIVATE_FILE } from './files.ts';

export interface HostLog {
  readonly file: string;
  /** A line of one part of the host: `iot`, `lambda`, … */
  of(part: string): (message: string) => void;
  close(): Promise<void>;
}

export function openLog(dir: string): HostLog {
  const file = path.join(dir, 'host.log');
  try {
    renameSync(file, path.join(dir, 'host.previous.log'));
  } catch {
    // The first start.
  }
  const stream = createWriteStream(file, { flags: 'a', mode: PRIVATE_FILE });
  // A full disk must not end the host for its log's sake.
  stream.on('error', () => {});
  return {
    file,
    of: (part) => (message) => {
      if (!stream.writableEnded)
        stream.write(`${new Date().toISOString()} ${part} ${message.replaceAll('\n', '\\n')}\n`);
    },
    close: () => new Promise((done) => stream.end(() => done())),
  };
}
