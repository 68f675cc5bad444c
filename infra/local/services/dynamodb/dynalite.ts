/**
 * The parts of dynalite 4 that we run on, with the types it lacks. We use its parsers, validations and actions, and not its
 * HTTP server, which ends the process on an unexpected error, nor its store, which writes an item and its indexes separately.
 */
import { createRequire } from 'node:module';

export type AttributeValue = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, AttributeValue>>;
export type Input = Readonly<Record<string, unknown>>;
export type Output = Record<string, unknown>;

export interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

export interface Index {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: { readonly ProjectionType?: string; readonly NonKeyAttributes?: readonly string[] };
}

/** A table's description, as dynalite keeps it. */
export interface Table {
  readonly TableName: string;
  readonly TableArn: string;
  readonly TableId: string;
  readonly TableStatus: string;
  readonly KeySchema: readonly KeyElement[];
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly LocalSecondaryIndexes?: readonly Index[];
}

type Paths = { readonly paths: readonly (readonly (string | number)[])[] };
type Heads = { readonly pathHeads: Readonly<Record<string, true>> };

/** One table's part of BatchGetItem. */
export interface BatchGet {
  readonly Keys: readonly Item[];
  readonly AttributesToGet?: readonly string[];
  readonly _projection?: Paths;
}

/** One request of BatchWriteItem. */
export interface BatchWrite {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

/** A request that passed dynalite's validations; it adds what it parsed from expressions under names with `_`. */
export interface Checked {
  readonly TableName: string;
  readonly IndexName?: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly Select?: string;
  readonly ReturnValues?: string;
  readonly ReturnConsumedCapacity?: string;
  readonly AttributesToGet?: readonly string[];
  readonly AttributeUpdates?: Input;
  readonly Expected?: Input;
  readonly QueryFilter?: Input;
  readonly ScanFilter?: Input;
  readonly KeyConditions?: Readonly<
    Record<string, { readonly ComparisonOperator: string; readonly AttributeValueList: readonly AttributeValue[] }>
  >;
  readonly RequestItems?: Readonly<Record<string, BatchGet | readonly BatchWrite[]>>;
  readonly _projection?: Paths;
  readonly _updates?: Paths;
  readonly _condition?: Heads;
  readonly _filter?: Heads;
}

export type Done<T = unknown> = (error: Error | null, value?: T) => void;

/** A folder of the store, as dynalite's actions use it. */
export interface SubDb {
  lock(key: string, critical: (release: <T>(done: Done<T>) => Done<T>) => void): void;
  get(key: string, done: Done): void;
  put(key: string, value: unknown, done: Done): void;
  del(key: string, done: Done): void;
  createValueStream(range: Input): NodeJS.EventEmitter;
}

/** What dynalite's actions expect of a store. */
export interface ActionStore {
  readonly options: { readonly maxItemSize: number; readonly createTableMs: number };
  readonly tableDb: SubDb & { readonly awsAccountId: string; readonly awsRegion: string };
  getTable(name: string, checkStatus: boolean | Done<Table>, done?: Done<Table>): void;
  getItemDb(table: string): SubDb;
  getIndexDb(kind: string, table: string, index: string): SubDb;
}

/** The LevelDB under dynalite's store; values are JSON. */
export interface Level {
  open(): Promise<void>;
  close(): Promise<void>;
  /** What is asked for is in memory, as a rule: another thread would take longer, and more of the processor. */
  getSync(key: string): unknown;
  batch(writes: readonly Write[]): Promise<void>;
  iterator(range: Input): AsyncIterable<[string, unknown]>;
}

export type Write =
  | { readonly type: 'put'; readonly key: string; readonly value: unknown }
  | { readonly type: 'del'; readonly key: string };

interface Db {
  readonly MAX_SIZE: number;
  create(options: { path: string }): { readonly db: Level };
  capacityUnits(item: Item | undefined, isRead: boolean): number;
  createKey(item: Item, table: Table): string;
  updateIndexes(store: ActionStore, table: Table, before: Item | null, after: Item | null, done: Done): void;
}

interface Validations {
  checkTypes(input: Input, types: unknown): Input;
  checkValidations(input: Input, types: unknown, custom: unknown, store: Pick<ActionStore, 'options'>): void;
}

type Action = (store: ActionStore, input: Checked, done: Done<Output>) => void;

export const ITEM_ACTIONS = [
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
] as const;
export type ItemAction = (typeof ITEM_ACTIONS)[number];
export type ActionName = ItemAction | 'CreateTable';

const require = createRequire(import.meta.url);

export const db = require('dynalite/db') as Db;
export const validations = require('dynalite/validations') as Validations;

const load = (name: ActionName) => {
  const file = name.charAt(0).toLowerCase() + name.slice(1);
  const { types, custom } = require(`dynalite/validations/${file}`) as { types: unknown; custom?: unknown };
  return { act: require(`dynalite/actions/${file}`) as Action, types, custom };
};

export const actions = Object.fromEntries(
  [...ITEM_ACTIONS, 'CreateTable' as const].map((name) => [name, load(name)]),
) as Record<ActionName, ReturnType<typeof load>>;
