/** Rows are parsed as they leave the file, JSON columns included: nothing behind this line casts. */
import * as z from 'zod';

/** A column that holds JSON of the given shape. */
export const jsonColumn = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);

/** SQLite has no booleans. */
export const flagColumn = z.number().transform((value) => value === 1);

/** SQLite's NULL is our `undefined`. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullable().transform((value) => value ?? undefined);
