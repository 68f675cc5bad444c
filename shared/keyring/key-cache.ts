/** Plain keys in memory: at most five minutes old, and not more than a process can hold. */
import type { Now } from '../platform/clock.ts';

const KEEP_MS = 5 * 60_000;
const MOST_KEYS = 10_000;

/** Concurrent requests for one key open it once; what failed is not kept. */
export function keyCache(now: Now) {
  /** In the order in which they end. */
  const known = new Map<string, { key: Promise<Uint8Array>; until: number }>();

  function makeRoom() {
    for (const [name, { until }] of known) {
      if (until > now() && known.size < MOST_KEYS) break;
      known.delete(name);
    }
  }

  return {
    get(name: string, open: () => Promise<Uint8Array>): Promise<Uint8Array> {
      const found = known.get(name);
      if (found && found.until > now()) return found.key;
      known.delete(name);
      makeRoom();
      const entry = { key: open(), until: now() + KEEP_MS };
      known.set(name, entry);
      entry.key.catch(() => {
        if (known.get(name) === entry) known.delete(name);
      });
      return entry.key;
    },
    /** Also what is being opened at this moment: it isn't kept. */
    forget: (name: string): void => void known.delete(name),
  };
}
