/** Why the host does not start, in words for the person who started it: printed without a stack trace. */
export class Refusal extends Error {
  /** 1: the situation; 2: the command line. */
  readonly exitCode: 1 | 2;
  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Refusal';
    this.exitCode = exitCode;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
