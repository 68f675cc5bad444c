/** Field schemas that several concepts share. */
import * as z from 'zod';
import { type IdKind, idSchema } from '../platform/ids.ts';

/** What a person names things: 1 to 1,000 characters, no control characters. */
export const nameField = z
  .string()
  .min(1)
  .max(1000)
  .refine((s) => !/\p{Cc}/u.test(s), 'must not contain control characters')
  .describe('A name, 1 to 1,000 characters.');

export const descriptionField = z.string().max(4000).describe('Free text, up to 4,000 characters.');

/** How times leave: ISO 8601 UTC. */
export const timeField = z.string().describe('ISO 8601, UTC.');

const ISO_WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Epoch milliseconds of an ISO 8601 time with offset, or `undefined`. Finer than a millisecond is truncated. */
export function parseIsoTime(text: string): number | undefined {
  if (!ISO_WITH_OFFSET.test(text)) return undefined;
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
  .describe('ISO 8601 with offset, or epoch milliseconds.');

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
  .describe('An IANA time zone, e.g. Europe/Madrid.');

/** `?limit=&cursor=` of every list. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Items a page, 1 to 200.'),
  cursor: z.string().max(4096).optional().describe('`next` of the page before.'),
});

export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().optional() });

/** Path parameter `{id}`. What isn't an id of the kind answers 404, as an unknown id does. */
export const idParam = (kind: IdKind) => z.strictObject({ id: idSchema(kind) });
