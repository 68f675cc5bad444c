/**
 * Reads what Thinger.io exports of a data bucket: CSV with a header, a time column and a column per field. Streams, so that a
 * file of any size takes the memory of a few pieces of 64 KiB.
 *
 * Thinger.io's documentation (features/buckets) says of its export and import: a column `ts` with epoch milliseconds or, as
 * chosen, ISO dates; cells separated by `;`. It says no more, and other tools have been at such files, so this takes `,` as well,
 * `date` for `ts`, seconds, any line ends, a byte order mark, and quotes within cells that don't begin with one (JSON as it is).
 *
 * Without a `ts`, `date` is the time; with one, it is a field. Blank lines are skipped. A header without rows yields nothing.
 * Whether a time lies too far ahead is for the caller to judge, who knows what time it is.
 */
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { JsonValue } from '../platform/json-value.ts';
import { readCell, readCellTime, ThingerCsvError } from './thinger-csv-cells.ts';
import { readHead } from './thinger-csv-head.ts';

/** Bytes of a row. */
const MAX_ROW = 1024 * 1024;

export interface ThingerRow {
  /** Where the row begins in the file, from 1. */
  readonly line: number;
  /** Epoch milliseconds. */
  readonly ts: number;
  /** An object with a member per cell that isn't empty, named as its column. */
  readonly value: JsonValue;
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Throws a ThingerCsvError, or what `bytes` throws. */
export async function* readThingerCsv(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ThingerRow> {
  const { delimiter, all } = await readHead(bytes, MAX_ROW);
  let header: Header | undefined;
  for await (const record of readRecords(all, delimiter)) {
    if (header) yield readRow(header, record);
    else header = readHeader(record);
  }
  if (!header) throw new ThingerCsvError('empty', 1, 'the file has no header');
}

async function* readRecords(bytes: AsyncIterable<Uint8Array>, delimiter: string): AsyncGenerator<CsvRecord> {
  let line = 1;
  const parser = parse({
    delimiter,
    // Bytes as they are, so that a row's own bytes can be judged, with its line at hand.
    encoding: 'latin1',
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: MAX_ROW,
    relax_quotes: true,
    relax_column_count: true,
    on_record: (cells) => {
      const at = line;
      line += 1 + cells.reduce((sum, cell) => sum + lineBreaks(cell), 0);
      // Its line goes with it as a first cell: the parser runs ahead of who reads.
      return isBlank(cells) ? null : [String(at), ...cells.map((cell) => decoded(cell, at))];
    },
  });
  // Errors of either reach the loop through the parser.
  pipeline(
    limited(bytes, () => line),
    parser,
    () => {},
  );
  try {
    for await (const [at, ...cells] of parser as AsyncIterable<string[]>) yield { line: Number(at), cells };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === 'CSV_MAX_RECORD_SIZE') throw tooLong(line);
    throw new ThingerCsvError('not-csv', line, 'a quote is never closed');
  }
}

/** The parser doesn't count separators: a row of a billion empty cells would fill the memory. */
async function* limited(bytes: AsyncIterable<Uint8Array>, line: () => number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of bytes) {
    const end = Math.max(piece.lastIndexOf(0x0a), piece.lastIndexOf(0x0d));
    length = end < 0 ? length + piece.length : piece.length - 1 - end;
    if (length > MAX_ROW) throw tooLong(line());
    yield piece;
  }
}

const tooLong = (line: number) => new ThingerCsvError('not-csv', line, 'the row is longer than 1 MiB');

const isBlank = (cells: readonly string[]) => cells.length === 1 && cells[0] === '';

const lineBreaks = (cell: string) => (/[\r\n]/.test(cell) ? (cell.match(/\r\n|\r|\n/g)?.length ?? 0) : 0);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decoded(cell: string, line: number): string {
  if (!/[\x80-\xff]/.test(cell)) return cell;
  try {
    return utf8.decode(Buffer.from(cell, 'latin1'));
  } catch {
    throw new ThingerCsvError('not-csv', line, 'the row is not UTF-8');
  }
}

interface Header {
  readonly names: readonly string[];
  /** Index of the time column. */
  readonly time: number;
}

function readHeader({ line, cells: names }: CsvRecord): Header {
  if (new Set(names).size < names.length) {
    throw new ThingerCsvError('not-csv', line, 'two columns have the same name');
  }
  const known = names.map((name) => name.trim().toLowerCase());
  const time = known.includes('ts') ? known.indexOf('ts') : known.indexOf('date');
  if (time < 0) throw new ThingerCsvError('no-time-column', line, 'no column is named ts or date');
  return { names, time };
}

function readRow({ names, time }: Header, { line, cells }: CsvRecord): ThingerRow {
  if (cells.length !== names.length) {
    throw new ThingerCsvError('not-csv', line, `the row has ${cells.length} cells, the header ${names.length}`);
  }
  const ts = readCellTime(cells[time] ?? '');
  if (ts === undefined) throw new ThingerCsvError('bad-time', line, 'the time is none, or lies before 1970');
  const members = names.flatMap((name, at) => {
    const value = at === time ? undefined : readCell(cells[at] ?? '');
    return value === undefined ? [] : [[name, value] as const];
  });
  // `fromEntries` makes members of all names, `__proto__` too.
  return { line, ts, value: Object.fromEntries(members) };
}
