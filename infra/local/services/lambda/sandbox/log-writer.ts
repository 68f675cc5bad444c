/**
 * Sends all that a function prints to its log file, in the format of Lambda's Node runtime, and nothing to the host's own output.
 * It writes synchronously: what was printed before an endless loop or a crash is what one wants to read.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import type { SandboxData } from './messages.ts';

const LEVELS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

/** `requestId` answers the invocation at hand. */
export function captureOutput(log: SandboxData['log'], requestId: () => string | undefined): void {
  const write = (text: string | Uint8Array) => {
    appendFileSync(join(log.directory, `${new Date().toISOString().slice(0, 10)}.log`), text, { mode: 0o600 });
  };
  for (const [method, level] of Object.entries(LEVELS)) {
    Object.assign(console, {
      [method]: (...args: unknown[]) => {
        const timestamp = new Date().toISOString();
        const id = requestId();
        if (!log.json) return write(`${timestamp}\t${id ?? 'undefined'}\t${level}\t${format(...args)}\n`);
        const [only] = args;
        const message = args.length === 1 && typeof only === 'object' && only !== null ? only : format(...args);
        return write(`${JSON.stringify({ timestamp, level, requestId: id, message })}\n`);
      },
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    Object.assign(stream, {
      write: (chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
        write(chunk);
        const callback = typeof encoding === 'function' ? encoding : done;
        if (typeof callback === 'function') process.nextTick(() => callback());
        return true;
      },
    });
  }
}
