/** CSV: a long form of each bucket, and a wide one where its values have columns. Each is one entry, over as many steps as it takes. */
import type { TableForm } from '../archive/records.ts';
import type { TableEntries } from '../archive/table-entries.ts';
import type { BeginPass, TablePass } from './table-pass.ts';
import { longHead, longLine, wideHead, wideLine } from './tables/csv-table.ts';
import { longForm, wideForm } from './tables/table-form.ts';
import type { TableRow } from './tables/table-row.ts';

function csvPass(tables: TableEntries, line: (row: TableRow) => string, form: () => TableForm): TablePass {
  return {
    take: (rows) => tables.addLines(rows, line),
    async endDay() {},
    async pause() {},
    end: () => tables.end(form()),
    files: 0,
  };
}

/** A bucket without readings has a head alone. */
export const longPass: BeginPass = async ({ tables, bucket, finder }) => {
  if (!tables.isOpen) {
    await tables.begin(`readings/${bucket}.csv`);
    await tables.add(longHead());
  }
  const line = (row: TableRow) => {
    finder.see(row.value);
    return longLine(row);
  };
  return csvPass(tables, line, () => longForm(finder.columns()));
};

export const widePass: BeginPass = async ({ tables, bucket, finder }) => {
  const columns = finder.columns() ?? [];
  if (columns.length === 0) return undefined;
  if (!tables.isOpen) {
    await tables.begin(`readings/${bucket}.wide.csv`, { isRepeated: true });
    await tables.add(wideHead(columns));
  }
  return csvPass(
    tables,
    (row) => wideLine(row, columns),
    () => wideForm(columns),
  );
};
