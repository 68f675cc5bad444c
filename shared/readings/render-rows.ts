/** Rows of an aggregation as JSON, CSV and NDJSON. Pure. */
import { isoTime } from '../platform/clock.ts';
import { stringifyJson } from '../platform/json-value.ts';
import type { FoundRow } from './aggregate/row-collector.ts';
import type { Aggregate } from './aggregate/stats.ts';
import { quote } from './render-readings.ts';

type Fields = readonly string[] | undefined;
type Aggregates = readonly Aggregate[];

const valuesOf = ({ fields }: FoundRow, aggregates: Aggregates) =>
  Object.fromEntries(
    fields
      .entries()
      .map(([field, stats]) => [field, Object.fromEntries(aggregates.map((name) => [name, stats.get(name)]))]),
  );

/** A row as JSON shows it. */
export const shownRow = (row: FoundRow, aggregates: Aggregates) => ({
  from: isoTime(row.from),
  to: isoTime(row.to),
  device: row.device,
  stream: row.stream,
  values: valuesOf(row, aggregates),
});

export const rowJsonLine = (row: FoundRow, aggregates: Aggregates): string =>
  `${stringifyJson(shownRow(row, aggregates))}\n`;

/** A column for each field and aggregate if the fields were named, else the values as JSON text. */
export const rowCsvHead = (aggregates: Aggregates, fields: Fields): string => {
  const columns = fields?.flatMap((field) => aggregates.map((name) => `${field}.${name}`)) ?? ['values'];
  return `${['from', 'to', 'device', 'stream', ...columns].map(quote).join(',')}\r\n`;
};

export function rowCsvLine(row: FoundRow, aggregates: Aggregates, fields: Fields): string {
  const { from, to, device, stream, values } = shownRow(row, aggregates);
  const cells = fields
    ? fields.flatMap((field) => aggregates.map((name) => String(cellsOf(values, field)?.[name] ?? '')))
    : [quote(stringifyJson(values))];
  return `${[from, to, device, stream, ...cells].join(',')}\r\n`;
}

const cellsOf = <T>(values: { readonly [field: string]: T }, field: string): T | undefined =>
  Object.hasOwn(values, field) ? values[field] : undefined;
