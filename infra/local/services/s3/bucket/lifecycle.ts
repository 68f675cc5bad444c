/** Lifecycle rules: what expires when. As on AWS a day ends at midnight UTC, and removal comes some time after it. */
import * as z from 'zod';

const days = z.coerce.number().int().min(1);
const bytes = z.coerce.number().int().min(0);

const ruleSchema = z.strictObject({
  Id: z.string().optional(),
  Status: z.enum(['Enabled', 'Disabled']),
  Prefix: z.string().default(''),
  ExpirationInDays: days.optional(),
  AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: days }).optional(),
  ObjectSizeGreaterThan: bytes.optional(),
  ObjectSizeLessThan: bytes.optional(),
  /** There are no older versions to expire. */
  NoncurrentVersionExpiration: z.unknown().optional(),
});

/** Of the template; what the laptop would play wrongly (transitions, tags, dates) is an error. */
export const lifecycleSchema = z.strictObject({
  Rules: z.array(ruleSchema),
  /** Concerns transitions, of which there are none. */
  TransitionDefaultMinimumObjectSize: z.string().optional(),
});
export type LifecycleRule = z.output<typeof ruleSchema>;

const DAY_MS = 86_400_000;

/** The first midnight that is so many days later, or after it. */
const dayAfter = (time: number, count: number): number => Math.ceil((time + count * DAY_MS) / DAY_MS) * DAY_MS;

export interface Expiry {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly rule: string;
}

const enabled = (rules: readonly LifecycleRule[], key: string): LifecycleRule[] =>
  rules.filter(({ Status, Prefix }) => Status === 'Enabled' && key.startsWith(Prefix));

/** When an object expires: the earliest of the rules that match it. */
export function expiryOf(
  rules: readonly LifecycleRule[],
  { key, size, modified }: { key: string; size: number; modified: number },
): Expiry | undefined {
  return enabled(rules, key)
    .filter(({ ObjectSizeGreaterThan: over = -1, ObjectSizeLessThan: under = Infinity }) => size > over && size < under)
    .flatMap(({ Id = '', ExpirationInDays: count }) => (count ? [{ at: dayAfter(modified, count), rule: Id }] : []))
    .toSorted((a, b) => a.at - b.at)[0];
}

/** When an unfinished upload is aborted, in epoch milliseconds. */
export function abortOf(rules: readonly LifecycleRule[], { key, started }: { key: string; started: number }): number {
  const times = enabled(rules, key).flatMap(({ AbortIncompleteMultipartUpload: abort }) =>
    abort ? [dayAfter(started, abort.DaysAfterInitiation)] : [],
  );
  return Math.min(...times);
}

export const expiryHeader = (expiry: Expiry | undefined): Record<string, string> =>
  expiry
    ? {
        'x-amz-expiration': `expiry-date="${new Date(expiry.at).toUTCString()}", rule-id="${encodeURIComponent(expiry.rule)}"`,
      }
    : {};
