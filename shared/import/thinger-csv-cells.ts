/** What the text of a cell of Thinger.io's CSV means, and the error that says where a file can't be read. Pure. */
import { parseIsoTime } from '../api/fields.ts';
import { JsonError, type JsonValue, MAX_DEPTH, parseJson } from '../platform/json-value.ts';

/**
 * `not-csv`: broken quotes, not UTF-8, a row longer than 1 MiB or with other cells than the header, a name twice in the header.
 * `no-time-column`: neither `ts` nor `date`. `bad-time`: before 1970, or no time. `empty`: not even a header.
 */
export type ThingerCsvCode = 'not-csv' | 'no-time-column' | 'bad-time' | 'empty';

export class ThingerCsvError extends Error {
  override readonly name = 'ThingerCsvError';
  readonly code: ThingerCsvCode;
  /** Line of the file where the row begins, from 1. */
  readonly line: number;

  /** The message must not quote the file: it may end where others read it. */
  constructor(code: ThingerCsvCode, line: number, message: string) {
    super(`Line ${line}: ${message}`);
    this.code = code;
    this.line = line;
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/**
 * A JSON number as the number it is, `true` and `false`, a JSON object or array; everything else is a string, `null` and `5,2`
 * too. `undefined`: an empty cell. Quotes around a cell make no difference, as in most spreadsheets.
 */
export function readCell(text: string): JsonValue | undefined {
  if (text === '') return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  if (NUMBER.test(text)) return parseJson(text);
  return /^[{[]/.test(text) ? readJson(text) : text;
}

/** One level less than a value may have: the cell becomes a member of the row's object. */
function readJson(text: string): JsonValue {
  try {
    return parseJson(text, { maxDepth: MAX_DEPTH - 1 });
  } catch (error) {
    if (error instanceof JsonError) return text;
    throw error;
  }
}

/** Below it, a number counts seconds (until the year 5138), from it on milliseconds (since March 1973). */
const FIRST_MS = 1e11;
const LAST_MS = 8.64e15;

/**
 * Epoch milliseconds of a cell: epoch milliseconds or seconds in digits, or ISO 8601 with `T` or a space, where no offset means
 * UTC. `undefined`: no time, or before 1970.
 */
export function readCellTime(text: string): number | undefined {
  const trimmed = text.trim();
  const at = /^\d{1,16}$/.test(trimmed) ? epochMs(Number(trimmed)) : parseIsoTime(withOffset(trimmed));
  return at !== undefined && at >= 0 && at <= LAST_MS ? at : undefined;
}

const epochMs = (count: number) => (count < FIRST_MS ? count * 1000 : count);

function withOffset(text: string): string {
  const iso = text.replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T');
  return /(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso : `${iso}Z`;
}
