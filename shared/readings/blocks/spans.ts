/** Spans: the UTC hours and days that blocks cover, by name: `2026-11-28T07`, `2026-11-28`. They sort as their times do. Pure. */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Above what follows a span in a sort key (`.1`, `.2` …), and below any longer span. */
export const AFTER_PIECES = '/';

export const dayOf = (ts: number): string => new Date(ts).toISOString().slice(0, 10);
export const hourOf = (ts: number): string => new Date(ts).toISOString().slice(0, 13);

export const isHour = (span: string): boolean => span.length === 13;
/** Epoch ms of its first millisecond. */
export const startOf = (span: string): number => Date.parse(isHour(span) ? `${span}:00:00Z` : `${span}T00:00:00Z`);
/** Epoch ms of the first millisecond after it. */
export const endOf = (span: string): number => startOf(span) + (isHour(span) ? HOUR_MS : DAY_MS);
