/**
 * Ends a worker that needs more heap than its function has. V8's own limit can't do that: a worker that runs into it fast enough
 * takes the whole process with it (a large Map or a JSON.parse suffices), so V8's limit stands far above and this watch below it.
 */
import type { Worker } from 'node:worker_threads';

const INTERVAL_MS = 50;
/** What a worker may allocate on top before it is noticed: address space, not memory. */
const HEADROOM_MB = 2048;
const BYTES_PER_MB = 1_048_576;

export const v8LimitMb = (heapMb: number): number => heapMb + HEADROOM_MB;

/** Calls `exceeded` once if the heap stays above the limit. Answers how to stop watching. */
export function watchMemory(worker: Worker, heapMb: number, exceeded: () => void): () => void {
  let above = 0;
  const timer = setInterval(async () => {
    const used = await worker.getHeapStatistics().then(
      (statistics) => statistics.used_heap_size,
      // It has just ended.
      () => 0,
    );
    // Twice: garbage that is about to be collected isn't need.
    above = used > heapMb * BYTES_PER_MB ? above + 1 : 0;
    if (above < 2) return;
    clearInterval(timer);
    exceeded();
  }, INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
