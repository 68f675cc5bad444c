/** Sizes and units as DynamoDB's developer guide defines them (CapacityUnitCalculations); items are in their form on the wire. */
import * as z from 'zod';

export const attribute = z.record(z.string(), z.unknown());
export const item = z.record(z.string(), attribute);
export type Item = z.output<typeof item>;

const elements = z.array(attribute);
const texts = z.array(z.string());

/** A byte for two significant digits, and one more. Leading and trailing zeros don't count. */
function numberBytes(text: string): number {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1;
}

function scalarBytes(type: string, text: string): number {
  if (type === 'B') return Buffer.byteLength(text, 'base64');
  return type === 'N' ? numberBytes(text) : Buffer.byteLength(text);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** A list or a map takes 3 bytes, and one for each element. */
function valueBytes(value: z.output<typeof attribute>): number {
  const [type = '', content] = Object.entries(value)[0] ?? [];
  if (type === 'NULL' || type === 'BOOL') return 1;
  if (type === 'L') return 3 + sum(elements.parse(content).map((element) => 1 + valueBytes(element)));
  if (type === 'M') return 3 + Object.keys(item.parse(content)).length + itemBytes(item.parse(content));
  if (['SS', 'NS', 'BS'].includes(type)) {
    return sum(texts.parse(content).map((text) => scalarBytes(type.charAt(0), text)));
  }
  return scalarBytes(type, z.string().parse(content));
}

export const itemBytes = (of: Item): number =>
  sum(Object.entries(of).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value)));

/** One for each begun KB of the item. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

/** Of a consistent read: one for each begun 4 KB, and one for finding nothing. */
export const readUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4096));
