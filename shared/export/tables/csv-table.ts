/**
 * Readings as CSV files: RFC 4180 with CRLF, in a long form that holds everything and a wide form with a column per field. Pure.
 *
 * Spreadsheets run a cell that begins with `=`, `+`, `-`, `@`, a tab or a CR as a formula, and devices choose what they send.
 * So text of the wide form that begins with one of them has an apostrophe `'` before it, names in its head too; who reads the
 * file back removes it. Numbers stay bare, also -5: they can't be more than numbers. The long form needs no guard: a string in
 * its JSON text begins with a quotation mark.
 *
 * In the wide form an empty string looks like an absent one. A lone surrogate is for the caller's UTF-8 encoder to replace; the
 * long form has it escaped.
 */
import { isoTime } from '../../platform/clock.ts';
import { JsonNumber, stringifyJson } from '../../platform/json-value.ts';
import { csvHead, csvLine, quote } from '../../readings/render-readings.ts';
import { type Cell, cellOf } from './cell.ts';
import type { Column } from './column.ts';
import type { TableRow } from './table-row.ts';

export const longHead = (): string => csvHead(undefined);

/** `value` is JSON text. */
export const longLine = (row: TableRow): string => csvLine(row, undefined);

export const wideHead = (columns: readonly Column[]): string =>
  line(['ts', 'device', 'stream', ...columns.map(({ name }) => guarded(name))]);

export const wideLine = ({ ts, device, stream, value }: TableRow, columns: readonly Column[]): string =>
  line([
    isoTime(ts),
    guarded(device),
    guarded(stream),
    ...columns.map((column) => shown(cellOf(value, column), column)),
  ]);

const line = (cells: readonly string[]) => `${cells.map(quote).join(',')}\r\n`;

function shown(cell: Cell, { type }: Column): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return type === 'string' ? guarded(cell) : cell;
  return cell instanceof JsonNumber ? cell.source : stringifyJson(cell);
}

/** Text of the wide form. */
export const guarded = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
