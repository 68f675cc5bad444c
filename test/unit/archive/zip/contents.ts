/** Contents that archives in tests have. */
import { createHash } from 'node:crypto';
import type { Contents } from './archives.ts';

/** Bytes that look like readings: they compress, but not to nothing. */
export function text(length: number, seed = 'a'): Buffer {
  let value = seed;
  let out = '';
  while (out.length < length) {
    value = createHash('sha256').update(value).digest('hex');
    out += `{"at":"2025-01-01T00:00:00Z","temperature":${Number.parseInt(value.slice(0, 4), 16) / 100}}\n`;
  }
  return Buffer.from(out.slice(0, length));
}

export const CONTENTS: Contents = [
  ['readings/dev_1.ndjson', text(300_000)],
  ['empty.json', Buffer.alloc(0)],
  ['one', Buffer.from('x')],
  ['Zürich/温度 🌡.csv', text(5_000, 'b')],
  ['noise.bin', createHash('shake256', { outputLength: 200_000 }).update('noise').digest()],
];

export const asRead = (contents: Contents) => contents.map(([name, bytes]) => [name, bytes]);
