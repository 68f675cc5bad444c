/** What a bench is to the command that runs it. */

/** One line of a table: columns in their order, numbers as measured. */
export type Row = Readonly<Record<string, string | number>>;

export interface Table {
  readonly title: string;
  /** What was measured and how, so that nobody has to guess; one sentence each. */
  readonly notes: readonly string[];
  readonly rows: readonly Row[];
}

export interface Bench {
  /** As on the command line, and of its file of results. */
  readonly name: string;
  run(): Promise<readonly Table[]>;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Nearest rank, so that it is a value that was measured. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));
