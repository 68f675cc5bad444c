/** Thinger.io's files for tests: a time, and a file read in chunks of any size. */
import { readThingerCsv, type ThingerRow } from '../../../shared/import/thinger-csv.ts';
import { stringifyJson } from '../../../shared/platform/json-value.ts';

export const T = 1671536877360;

async function* chunksOf(file: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(file);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const readChunks = async (file: string | Uint8Array, size = 1000) =>
  Array.fromAsync(readThingerCsv(chunksOf(file, size)));

/** With values as JSON text, which tells exact numbers and `__proto__` apart. */
export const shownRows = (rows: readonly ThingerRow[]) =>
  rows.map(({ line, ts, value }) => [line, ts, stringifyJson(value)]);
