/** The 400 KB limit, counted in UTF-8 as DynamoDB does; dynalite counts characters, and lets larger items through. */
import { db, type Item } from './dynalite.ts';
import { validationError } from './errors.ts';
import type { Staged } from './store.ts';

const MAX_ITEM_BYTES = db.MAX_SIZE;

const base64Bytes = (text: string) => Buffer.byteLength(text, 'base64');
const numberBytes = (text: string) => Math.ceil(text.replace(/^[-+]?0*\.?0*|[eE].*$|\./g, '').length / 2) + 1;

function valueBytes([type, value]: [string, unknown]): number {
  if (typeof value === 'string') {
    if (type === 'B') return base64Bytes(value);
    return type === 'N' ? numberBytes(value) : Buffer.byteLength(value);
  }
  if (type === 'L' && Array.isArray(value)) {
    return value.reduce((sum: number, element) => sum + 1 + attributeBytes(element), 3);
  }
  if (type === 'M') return 3 + Object.keys(value as Item).length + itemBytes(value as Item);
  if (Array.isArray(value)) {
    return value.reduce((sum: number, element) => sum + valueBytes([type.charAt(0), element]), 0);
  }
  return 1;
}

const attributeBytes = (value: object) => Object.entries(value).reduce((sum, entry) => sum + valueBytes(entry), 0);

export const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + attributeBytes(value), 0);

export function refuseLargeItems(staged: Staged): void {
  for (const write of staged.values()) {
    if (write.type !== 'put' || !write.key.startsWith('item-')) continue;
    if (itemBytes(write.value as Item) > MAX_ITEM_BYTES) {
      throw validationError('Item size has exceeded the maximum allowed size');
    }
  }
}
