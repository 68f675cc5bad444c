/** What the tables of an export are, as `datapackage.json` describes them: fields as the files name them, types of Table Schema. Pure. */
import type { TableForm } from '../../archive/records.ts';
import type { Column, ColumnType } from './column.ts';
import { MAX_COLUMNS, MAX_PATH } from './columns.ts';
import { guarded } from './csv-table.ts';
import { columnName } from './parquet-table.ts';

const TYPES: Readonly<Record<ColumnType, string>> = {
  boolean: 'boolean',
  integer: 'integer',
  number: 'number',
  string: 'string',
  json: 'any',
};
const TS = { name: 'ts', type: 'datetime' };
const SENDER = [
  { name: 'device', type: 'string' },
  { name: 'stream', type: 'string' },
];
const VALUE = { name: 'value', type: 'any' };

const TOO_MANY = `the values have more than ${MAX_COLUMNS} fields, or one whose name is longer than ${MAX_PATH} characters`;

/** `columns`: those of the wide form; `undefined`: too many. */
export const longForm = (columns: readonly Column[] | undefined): TableForm => ({
  format: 'csv',
  description: `Every reading; its value is JSON.${columns ? '' : ` There is no wide form: ${TOO_MANY}.`}`,
  fields: [TS, ...SENDER, VALUE],
});

export const wideForm = (columns: readonly Column[]): TableForm => ({
  format: 'csv',
  description:
    'Every reading, with a column for each field of its value. Text that a spreadsheet would take for a formula has an apostrophe before it.',
  fields: [TS, ...SENDER, ...columns.map(({ name, type }) => ({ name: guarded(name), type: TYPES[type] }))],
});

export const parquetForm = (columns: readonly Column[] | undefined): TableForm => ({
  format: 'parquet',
  description: `Readings; \`value\` is JSON, ${columns ? 'and each of its fields has a column' : `and its fields have no columns: ${TOO_MANY}`}.`,
  fields: [
    TS,
    { name: 'receivedAt', type: 'datetime' },
    ...SENDER,
    VALUE,
    ...(columns ?? []).map(({ name, type }) => ({ name: columnName(name), type: TYPES[type] })),
  ],
});
