/** A column of a wide table: where in a value its cells are, and what they are. */
export type ColumnType = 'boolean' | 'integer' | 'number' | 'string' | 'json';

export interface UnnamedColumn {
  /** Names of the members on the way; empty for the value itself. */
  readonly path: readonly string[];
  /** `integer`: all are safe integers. `json`: arrays, or scalars of several types; its cells are JSON text. */
  readonly type: ColumnType;
}

export interface Column extends UnnamedColumn {
  /** The dotted path, or `value` for a value that is a scalar or an array itself; `nameColumns` says what becomes of collisions. */
  readonly name: string;
}
