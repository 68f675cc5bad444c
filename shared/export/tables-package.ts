/** `datapackage.json` of an export of tables: each file with its columns and rows, and why there may be none. */
import { dataPackage, resourceName } from '../archive/data-package.ts';
import type { TableRecord } from '../archive/records.ts';
import { isoTime } from '../platform/clock.ts';
import { type ExportInput, neededFor } from './export.ts';

const MEDIA_TYPES: Readonly<Record<TableRecord['format'], string>> = {
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
};

function resource({ entry, format, description, fields, rows }: TableRecord): object {
  const isCsv = format === 'csv';
  return {
    name: resourceName(entry.name),
    path: entry.name,
    format,
    mediatype: MEDIA_TYPES[format],
    // The standard's profile of tables is of CSV alone.
    ...(isCsv ? { profile: 'tabular-data-resource', encoding: 'utf-8' } : {}),
    description,
    bytes: entry.size,
    rows,
    schema: { fields },
  };
}

async function* resources(tables: AsyncIterable<TableRecord>): AsyncGenerator<object> {
  for await (const table of tables) yield resource(table);
}

/** `id`: the export's. */
export function tablesPackage(
  { id, account, input }: { id: string; account: string; input: ExportInput },
  tables: AsyncIterable<TableRecord>,
): AsyncGenerator<string> {
  const excluded = input.kinds.includes('readings')
    ? []
    : [{ kind: 'readings', reason: `Who asked for the export lacked custodia/${neededFor('readings')}.` }];
  const custodia = { account, export: id, ...(excluded.length > 0 ? { excluded } : {}) };
  return dataPackage({ id, created: isoTime(input.cut), custodia }, resources(tables));
}
