import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../shared/platform/json-value.ts';
import { FieldTable } from '../../../shared/readings/aggregate/field-table.ts';
import { visitNumbers } from '../../../shared/readings/aggregate/numbers-of.ts';
import type { FoundRow } from '../../../shared/readings/aggregate/row-collector.ts';
import type { Aggregate } from '../../../shared/readings/aggregate/stats.ts';
import { rowCsvHead, rowCsvLine, rowJsonLine } from '../../../shared/readings/render-rows.ts';

/** A row of the hour in which these values were sent, a second apart. */
function rowOf(...values: string[]): FoundRow {
  const fields = new FieldTable();
  values.forEach((text, i) => {
    visitNumbers(parseJson(text), undefined, (field, number) => fields.of(field).add(i * 1000, number));
  });
  return { from: 0, to: 3_600_000, device: 'dev_a', stream: 's', fields };
}

const HOUR = '1970-01-01T00:00:00.000Z,1970-01-01T01:00:00.000Z,dev_a,s';
const ALL: readonly Aggregate[] = ['last', 'first', 'count', 'sum', 'max', 'min', 'mean'];

describe('a row', () => {
  it('as JSON has the aggregates of each field, in the order in which they were asked for', () => {
    const row = rowOf('{"t":0.1,"a":{"b":-5}}', '{"t":0.3}', '{"t":0.2}');
    expect(rowJsonLine(row, ALL)).toBe(
      '{"from":"1970-01-01T00:00:00.000Z","to":"1970-01-01T01:00:00.000Z","device":"dev_a","stream":"s","values":{' +
        '"a.b":{"last":-5,"first":-5,"count":1,"sum":-5,"max":-5,"min":-5,"mean":-5},' +
        '"t":{"last":0.2,"first":0.1,"count":3,"sum":0.6,"max":0.3,"min":0.1,"mean":0.19999999999999998}}}\n',
    );
  });

  it('as CSV has its values as JSON text', () => {
    expect(rowCsvHead(['max'], undefined)).toBe('from,to,device,stream,values\r\n');
    expect(rowCsvLine(rowOf('{"t":1}'), ['max'], undefined)).toBe(`${HOUR},"{""t"":{""max"":1}}"\r\n`);
  });

  it('as CSV has a column for each field and aggregate that were named', () => {
    const fields = ['t', 'n"o', '__proto__', 'toString'];
    expect(rowCsvHead(['max', 'count'], fields)).toBe(
      'from,to,device,stream,t.max,t.count,"n""o.max","n""o.count",__proto__.max,__proto__.count,toString.max,toString.count\r\n',
    );
    expect(rowCsvLine(rowOf('{"t":1,"__proto__":2}'), ['max', 'count'], fields)).toBe(`${HOUR},1,1,,,2,1,,\r\n`);
  });
});
