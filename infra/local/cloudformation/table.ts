/** The README's table of what each type's properties do on the laptop, made from the providers' own lists. */
import type { ResourceProvider } from '../contract.ts';
import { EVERYTHING } from './coverage.ts';

export const TABLE_START = '<!-- resource types: generated, see test/local/host/readme.test.ts -->';
export const TABLE_END = '<!-- end of resource types -->';

export function renderTable(providers: readonly ResourceProvider[]): string {
  const rows = providers
    .toSorted((a, b) => (a.type < b.type ? -1 : 1))
    .flatMap(({ type, honoured, ignored }) => [
      ...section(type, 'honoured', honoured),
      ...section(type, 'ignored', ignored),
      ...(Object.keys(honoured).length + Object.keys(ignored).length === 0
        ? [`| \`${type}\` | – | no properties | |`]
        : []),
    ]);
  return [
    '| type | property | | what the laptop does, or why ignoring it is harmless |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function section(type: string, kind: string, list: Readonly<Record<string, string>>): string[] {
  return Object.entries(list)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([property, text]) =>
        `| \`${type}\` | ${property === EVERYTHING ? 'all' : `\`${property}\``} | ${kind} | ${cell(text)} |`,
    );
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The README with the table between its markers replaced. */
export function withTable(readme: string, table: string): string {
  const start = readme.indexOf(TABLE_START);
  const end = readme.indexOf(TABLE_END);
  if (start < 0 || end < start) throw new Error('the README has lost the markers of its table');
  return `${readme.slice(0, start + TABLE_START.length)}\n${table}\n${readme.slice(end)}`;
}
