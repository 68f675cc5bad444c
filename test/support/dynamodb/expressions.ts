/** Expressions of DynamoDB requests, evaluated over items in their form on the wire. Conditions are parsed by dynalite; updates are few and simple. */
import { createRequire } from 'node:module';
import * as z from 'zod';
import type { Item } from '../../bench/cloud/capacity.ts';
import type { SortRange } from './partition.ts';

interface Parsed {
  readonly expression: unknown;
}
interface Parser {
  parse(text: string, options: { context: object }): Parsed;
}
const require = createRequire(import.meta.url);
const parser: Parser = require('dynalite/db/conditionParser.js');
const db: { matchesExprFilter(item: Item, expression: unknown): boolean; compare: unknown } = require('dynalite/db');

export const placeholders = z.object({
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
export type Placeholders = z.output<typeof placeholders>;

const contextOf = ({ ExpressionAttributeNames: attrNames, ExpressionAttributeValues: attrVals }: Placeholders) => ({
  attrNames,
  attrVals,
  unusedAttrNames: {},
  unusedAttrVals: {},
  isReserved: () => false,
  compare: db.compare,
});

/** Whether an item, or nothing, meets a condition. */
export function meets(item: Item | undefined, condition: string | undefined, given: Placeholders): boolean {
  if (condition === undefined) return true;
  const { expression } = parser.parse(condition, { context: contextOf(given) });
  return db.matchesExprFilter(item ?? {}, expression);
}

const nameOf = (name: string, { ExpressionAttributeNames: names = {} }: Placeholders) => names[name] ?? name;
function placeheld(name: string, { ExpressionAttributeValues: values = {} }: Placeholders) {
  const value = values[name];
  if (!value) throw new Error(`No value ${name}.`);
  return value;
}

/** `SET a = :a, b = :b`, `REMOVE a, b` and `ADD n :n`, in any combination; anything else is refused. */
export function updated(item: Item, update: string, given: Placeholders): Item {
  const result: Item = { ...item };
  for (const [, verb, list = ''] of update.matchAll(/(SET|REMOVE|ADD) (.*?)(?= (?:SET|REMOVE|ADD) |$)/g)) {
    for (const part of list.split(', ')) {
      const [name = '', equals, value = ''] = part
        .split(/ (=) | /)
        .filter((piece) => piece !== undefined && piece !== '');
      const attribute = nameOf(name, given);
      if (verb === 'REMOVE') delete result[attribute];
      else if (verb === 'SET' && equals === '=') result[attribute] = placeheld(value, given);
      else if (verb === 'ADD') {
        const sum = Number(result[attribute]?.N ?? 0) + Number(placeheld(equals ?? '', given).N);
        result[attribute] = { N: String(sum) };
      } else throw new Error(`This update is not understood: ${update}`);
    }
  }
  return result;
}

interface KeyRange extends SortRange {
  readonly pk: string;
}

const text = z.object({ S: z.string() });
const never = () => false;

/** The forms of key conditions that there are: a partition, and of it all, a prefix, or a range. */
export function keyRange(condition: string, given: Placeholders): KeyRange {
  const [partition = '', sort] = condition.split(/ AND (.*)/);
  const at = (name: string) => text.parse(placeheld(name, given)).S;
  const pk = at(/^pk = (:\w+)$/.exec(partition)?.[1] ?? '');
  if (sort === undefined || sort === '') return { pk, before: never, after: never };
  const begins = /^begins_with\(sk, (:\w+)\)$/.exec(sort)?.[1];
  if (begins) {
    const prefix = at(begins);
    return { pk, before: (sk) => sk < prefix, after: (sk) => sk > prefix && !sk.startsWith(prefix) };
  }
  const [, first, last] = /^sk BETWEEN (:\w+) AND (:\w+)$/.exec(sort) ?? [];
  if (first && last) {
    const [from, to] = [at(first), at(last)];
    return { pk, before: (sk) => sk < from, after: (sk) => sk > to };
  }
  const beyond = /^sk > (:\w+)$/.exec(sort)?.[1];
  if (beyond) {
    const bound = at(beyond);
    return { pk, before: (sk) => sk <= bound, after: never };
  }
  throw new Error(`This key condition is not understood: ${condition}`);
}
