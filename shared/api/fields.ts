/** Field schemas that several concepts share. */
import * as z from 'zod';
import { type IdKind, idSchema } from '../platform/ids.ts';

/** Text of so many characters as people and JSON Schema count them: an emoji is one, where `max` would count two. */
const textOf = (max: number) =>
  z
    .string()
    .refine((text) => text.length <= max || [...text].length <= max, `must have at most ${max} characters`)
    .meta({ maxLength: max });

/** What a person names things: 1 to 1,000 characters, no control characters. */
export const nameField = textOf(1000)
  .min(1)
  .refine((s) => !/\p{Cc}/u.test(s), 'must not contain control characters')
  .meta({ description: 'A name, 1 to 1,000 characters.', maxLength: 1000 });

export const descriptionField = textOf(4000).meta({
  description: 'Free text, up to 4,000 characters.',
  maxLength: 4000,
});

/** How times leave: ISO 8601 UTC. */
export const timeField = z.string().meta({
  id: 'Time',
  description: 'ISO 8601, UTC, to the millisecond.',
  format: 'date-time',
  examples: ['2026-03-01T10:00:00.123Z'],
});

const ISO_WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Epoch milliseconds of an ISO 8601 time with offset, or `undefined`. Finer than a millisecond is truncated. */
export function parseIsoTime(text: string): number | undefined {
  if (!ISO_WITH_OFFSET.test(text)) return undefined;
  // Date.parse takes 30 February for 2 March.
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  const at = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(at) ? undefined : at;
}

/** How times come in: ISO 8601 with offset, or epoch milliseconds; parsed to epoch milliseconds. */
export const timeInput = z
  .string()
  .transform((text, context) => {
    const at = /^-?\d{1,16}$/.test(text) ? Number(text) : parseIsoTime(text);
    if (at === undefined || Math.abs(at) > 8.64e15) {
      context.addIssue({ code: 'custom', message: 'must be ISO 8601 with an offset, or epoch milliseconds' });
      return z.NEVER;
    }
    return at;
  })
  .meta({
    id: 'TimeInput',
    description: 'ISO 8601 with offset, or epoch milliseconds.',
    examples: ['2026-03-01T11:00:00+01:00'],
  });

/** An IANA time zone that this runtime knows. */
export const timeZoneField = z
  .string()
  .max(64)
  .refine((zone) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      return /^[A-Za-z]/.test(zone);
    } catch {
      return false;
    }
  }, 'is not an IANA time zone')
  .meta({ description: 'An IANA time zone.', examples: ['Europe/Madrid'] });

/** `?limit=`, in decimal digits: what else would coerce to a number (`0x10`, `1e2`, ` 5`) is none. */
export const limitField = (max: number) =>
  z
    .preprocess((text) => (/^\d{1,6}$/.test(String(text)) ? Number(text) : text), z.int().min(1).max(max))
    .default(50)
    .meta({ description: `How many a page, 1 to ${max}.`, default: 50 });

export const cursorField = z.string().max(4096).optional().describe('`next` of the page before.');

/** `?limit=&cursor=` of every list. */
export const pageQuery = z.strictObject({
  limit: limitField(200),
  cursor: cursorField,
});

/** A page of a list; a named item names its page. */
export function pageOf<T extends z.ZodType>(item: T) {
  const next = z.string().optional().describe('`cursor` of the next page; absent on the last one.');
  const page = z.object({ items: z.array(item), next });
  const id = item.meta()?.id;
  return id === undefined ? page : page.meta({ id: `${id}Page` });
}

/** Path parameter `{id}`. What isn't an id of the kind answers 404, as an unknown id does. */
export const idParam = (kind: IdKind) => z.strictObject({ id: idSchema(kind) });
