/** Write units of secondary indexes, which dynalite leaves out of the consumed capacity. */
import { db, type Item, type Output } from './dynalite.ts';
import type { Staged, Store } from './store.ts';

export interface Capacity {
  TableName: string;
  CapacityUnits: number;
  WriteCapacityUnits?: number;
  ReadCapacityUnits?: number;
  Table?: { CapacityUnits: number };
  GlobalSecondaryIndexes?: Record<string, { CapacityUnits: number }>;
  LocalSecondaryIndexes?: Record<string, { CapacityUnits: number }>;
}

export interface IndexUnits {
  readonly kind: 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes';
  readonly table: string;
  readonly index: string;
  readonly units: number;
}

export const wantsCapacity = (mode: unknown) => mode === 'TOTAL' || mode === 'INDEXES';

/** Call before the commit: an entry costs by the larger of what was there and what will be, and nothing if it stays. */
export function indexUnits(store: Store, staged: Staged): IndexUnits[] {
  const units: IndexUnits[] = [];
  for (const write of staged.values()) {
    const match = /^index-(global|local)~([^~]+)~([^~]+)~/.exec(write.key);
    if (!match?.[2] || !match[3]) continue;
    const before = store.level.getSync(write.key) as Item | undefined;
    // An index that projects an attribute which the item lacks holds it as undefined until it is written.
    const after = write.type === 'put' ? (JSON.parse(JSON.stringify(write.value)) as Item) : undefined;
    if (JSON.stringify(before) === JSON.stringify(after)) continue;
    const sizes = [before, after].filter((item) => item !== undefined).map((item) => db.capacityUnits(item, false));
    units.push({
      kind: match[1] === 'global' ? 'GlobalSecondaryIndexes' : 'LocalSecondaryIndexes',
      table: match[2],
      index: match[3],
      units: Math.max(...sizes),
    });
  }
  return units;
}

export function addIndexUnits(capacity: Capacity, units: readonly IndexUnits[], mode: unknown, factor = 1): void {
  for (const { kind, table, index, units: count } of units) {
    if (table !== capacity.TableName) continue;
    capacity.CapacityUnits += count * factor;
    if (mode !== 'INDEXES') continue;
    const perIndex = capacity[kind] ?? {};
    perIndex[index] = { CapacityUnits: (perIndex[index]?.CapacityUnits ?? 0) + count * factor };
    capacity[kind] = perIndex;
  }
}

/** The consumed capacity of an output, whether it is about one table or several. */
export function capacitiesOf(output: Output): Capacity[] {
  const capacity = output.ConsumedCapacity as Capacity | Capacity[] | undefined;
  if (!capacity) return [];
  return Array.isArray(capacity) ? capacity : [capacity];
}
