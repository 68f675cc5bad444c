/** Tells waiting receivers that a queue may have messages for them. */
import type { Clock } from '../../contract.ts';
import type { Store } from './store.ts';

/**
 * Delays and visibility timeouts end by the host's clock, which tests move: so waiting queues are looked at, instead of
 * a timer being set per message.
 */
const LOOK_EVERY_MS = 200;

export interface Arrivals {
  /** Calls `listener` on every arrival, and again and again while messages wait. Answers how to stop it. */
  on(queue: string, listener: () => void): () => void;
  announce(queue: string): void;
  /** Aborted when the service closes: who waits goes home. */
  readonly closing: AbortSignal;
  close(): void;
}

export function createArrivals(store: Store, clock: Clock): Arrivals {
  const listeners = new Map<string, Set<() => void>>();
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  const announce = (queue: string) => {
    const set = listeners.get(queue) ?? new Set();
    for (const listener of set) setImmediate(() => set.has(listener) && listener());
  };
  const look = () => {
    for (const queue of listeners.keys()) {
      const sql = 'SELECT 1 FROM messages WHERE queue = ? AND visible_at <= ? LIMIT 1';
      if (store.rows(sql, queue, clock.now()).length > 0) announce(queue);
    }
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    announce,
    closing: closing.signal,
    on(queue, listener) {
      const set = listeners.get(queue) ?? new Set();
      listeners.set(queue, set.add(listener));
      timer ??= setInterval(look, LOOK_EVERY_MS).unref();
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(queue);
        if (listeners.size === 0) stop();
      };
    },
    close() {
      closing.abort();
      stop();
      for (const set of listeners.values()) set.clear();
    },
  };
}
