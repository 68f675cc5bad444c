/**
 * The part of AWS IoT SQL that the laptop knows: `SELECT <expression> AS <name>, … FROM '<filter>'` with `*`,
 * `encode(*, 'base64')`, `topic()`, `topic(n)`, `timestamp()`, `traceid()`, `principal()`, `clientid()`. Anything else throws
 * when the rule is made: a rule that would quietly select something else is worse than none.
 */
interface SelectedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly timestamp: number;
  readonly traceId: string;
  readonly clientId: string | undefined;
  readonly principal: string | undefined;
}
export interface Statement {
  readonly filter: string;
  /** The bytes that actions are given. Throws when the message can't be selected from. */
  readonly select: (message: SelectedMessage) => Buffer;
}

type Value = (message: SelectedMessage) => string | number | undefined;
type Column = '*' | { readonly name: string; readonly value: Value };

const STATEMENT = /^\s*SELECT\s+(.+?)\s+FROM\s+'([^']+)'\s*;?\s*$/is;
const COLUMN = /^(.+?)\s+AS\s+([A-Za-z_]\w*)$/is;
/** Commas outside of parentheses. */
const COMMA = /,(?![^()]*\))/;

const FUNCTIONS: readonly (readonly [RegExp, (argument: string) => Value])[] = [
  [
    /^encode\(\s*\*\s*,\s*'base64'\s*\)$/i,
    () =>
      ({ payload }) =>
        payload.toString('base64'),
  ],
  [
    /^topic\(\s*\)$/i,
    () =>
      ({ topic }) =>
        topic,
  ],
  [
    /^topic\(\s*([1-9]\d?)\s*\)$/i,
    (n) =>
      ({ topic }) =>
        topic.split('/')[Number(n) - 1],
  ],
  [
    /^timestamp\(\s*\)$/i,
    () =>
      ({ timestamp }) =>
        timestamp,
  ],
  [
    /^traceid\(\s*\)$/i,
    () =>
      ({ traceId }) =>
        traceId,
  ],
  [
    /^principal\(\s*\)$/i,
    () =>
      ({ principal }) =>
        principal,
  ],
  [
    /^clientid\(\s*\)$/i,
    () =>
      ({ clientId }) =>
        clientId ?? 'n/a',
  ],
];

export function parseStatement(sql: string): Statement {
  const [, columns, filter] = STATEMENT.exec(sql) ?? [];
  if (columns === undefined || filter === undefined) throw new Error(`unknown rule SQL: ${sql}`);
  checkFilter(filter);
  const parsed = columns.split(COMMA).map((text) => parseColumn(text.trim()));
  const names = parsed.map((column) => (column === '*' ? '*' : column.name));
  if (new Set(names).size !== names.length) throw new Error(`rule SQL selects a name twice: ${sql}`);
  return { filter, select: (message) => select(parsed, message) };
}

function checkFilter(filter: string): void {
  const levels = filter.split('/');
  const odd = levels.some(
    (level, index) => (/[+#]/.test(level) && level.length > 1) || (level === '#' && index < levels.length - 1),
  );
  if (odd) throw new Error(`not a topic filter: ${filter}`);
}

function parseColumn(text: string): Column {
  if (text === '*') return '*';
  const [, expression = '', name = ''] = COLUMN.exec(text) ?? [];
  for (const [pattern, value] of FUNCTIONS) {
    const found = pattern.exec(expression);
    if (found) return { name, value: value(found[1] ?? '') };
  }
  throw new Error(`unknown expression in rule SQL: ${text}`);
}

function select(columns: readonly Column[], message: SelectedMessage): Buffer {
  // Alone, `*` passes the payload on as it came, JSON or not.
  if (columns.length === 1 && columns[0] === '*') return message.payload;
  const output = columns.includes('*') ? readObject(message.payload) : new Map<string, unknown>();
  for (const column of columns) {
    if (column === '*') continue;
    // What is undefined is left out.
    const value = column.value(message);
    if (value !== undefined) output.set(column.name, value);
  }
  return Buffer.from(JSON.stringify(Object.fromEntries(output)));
}

function readObject(payload: Buffer): Map<string, unknown> {
  const value: unknown = JSON.parse(payload.toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('the payload is no object');
  return new Map(Object.entries(value));
}
