/** Tables and small charts of text. Pure. */
const BLOCKS = '▁▂▃▄▅▆▇█';

const scale = (value: number, least: number, most: number, steps: number) =>
  most === least ? Math.floor(steps / 2) : Math.round(((value - least) / (most - least)) * steps);

/** One block for each value, between the least and the most of them; long rows are thinned. */
export function sparkline(values: readonly number[], width = 32): string {
  const step = Math.max(1, values.length / width);
  const shown = Array.from({ length: Math.min(width, values.length) }, (_, i) => values[Math.floor(i * step)] ?? 0);
  const least = Math.min(...shown);
  const most = Math.max(...shown);
  return shown.map((value) => BLOCKS[scale(value, least, most, BLOCKS.length - 1)]).join('');
}

/** A bar from zero. */
export const bar = (value: number, most: number, width = 30): string =>
  '█'.repeat(Math.max(0, most > 0 ? Math.round((value / most) * width) : 0));

/** Columns as wide as their widest cell; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const text = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...text.map((row) => row[column]?.length ?? 0)));
  const isNumber = head.map((_, column) => rows.every((row) => /^-?\d+(\.\d+)?$/.test(row[column] ?? '')));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const [first = [], ...rest] = text;
  return [line(first), widths.map((width) => '─'.repeat(width)).join('  '), ...rest.map(line)].join('\n');
}
