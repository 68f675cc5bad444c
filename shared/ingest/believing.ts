/** A cache for what decides whether messages are let in: short, and bounded in size. */
import type { Now } from '../platform/clock.ts';

/** How long an account's state is believed, its count of revocations with it: a revocation stops data within this time. */
const BELIEVED_MS = 15_000;
/** Above this, what is no longer believed is let go. */
const SWEEP_FROM = 10_000;

/** Values by id, believed for 15 seconds. Only what was found is kept, so that what is new is seen at once. */
export function believing<T>(now: Now, load: (ids: string[]) => Promise<Map<string, T>>) {
  const known = new Map<string, { value: T; until: number }>();
  return async (ids: Iterable<string>): Promise<Map<string, T>> => {
    const at = now();
    if (known.size >= SWEEP_FROM) for (const [id, { until }] of known) if (until <= at) known.delete(id);
    const wanted = [...new Set(ids)];
    const missing = wanted.filter((id) => (known.get(id)?.until ?? 0) <= at);
    for (const id of missing) known.delete(id);
    if (missing.length > 0) {
      for (const [id, value] of await load(missing)) known.set(id, { value, until: at + BELIEVED_MS });
    }
    return new Map(
      wanted.flatMap((id) => {
        const entry = known.get(id);
        return entry ? [[id, entry.value]] : [];
      }),
    );
  };
}
