/** Time is passed in: epoch milliseconds. */
export type Now = () => number;

/** ISO 8601 UTC with milliseconds: the one form in which times leave. */
export const isoTime = (at: number): string => new Date(at).toISOString();
