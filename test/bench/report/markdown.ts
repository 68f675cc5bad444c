/** Tables as aligned Markdown: readable in a terminal, and in a README. */
import type { Row, Table } from './bench.ts';

export function markdown({ title, notes, rows }: Table): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [names, ...rows.map((row) => names.map((name) => cell(row, name)))];
  const widths = names.map((_, i) => Math.max(3, ...cells.map((line) => line[i]?.length ?? 0)));
  const right = names.map((name) => rows.every((row) => typeof (row[name] ?? 0) === 'number'));
  const pad = (text: string, i: number) => (right[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0));
  const lines = cells.map((line) => `| ${line.map(pad).join(' | ')} |`);
  const rule = `|${widths.map((width, i) => (right[i] ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`;
  return [`### ${title}`, '', lines[0], rule, ...lines.slice(1), '', ...notes.map((note) => `- ${note}`), ''].join(
    '\n',
  );
}

function cell(row: Row, name: string): string {
  const value = row[name];
  return typeof value === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 2 }) : (value ?? '');
}
