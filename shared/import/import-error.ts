/** What is wrong with a file that a stranger uploaded. It may name what they chose, so that it is shown to them, and never logged. */
import { ArchiveError } from '../archive/zip/archive-error.ts';
import type { ImportProblem } from './import.ts';

export class ImportError extends Error {
  readonly problem: ImportProblem;
  constructor(problem: ImportProblem) {
    super('A file that was uploaded can’t be imported.');
    this.name = 'ImportError';
    this.problem = problem;
  }
}

export const refuse = (detail: string, file?: string, line?: number): ImportError =>
  new ImportError({ ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }), detail });

/** The problem that an error tells of; `undefined`: it is no fault of the file. */
export function problemOf(error: unknown): ImportProblem | undefined {
  if (error instanceof ImportError) return error.problem;
  if (!(error instanceof ArchiveError)) return undefined;
  return { ...(error.file === undefined ? {} : { file: error.file }), detail: error.message };
}
