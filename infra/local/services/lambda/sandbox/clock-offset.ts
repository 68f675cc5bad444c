/** How far the host's clock is from the machine's, in memory that the workers read at each `Date.now()`. */
import type { Clock } from '../../../contract.ts';

export class ClockOffset {
  readonly buffer = new SharedArrayBuffer(8);
  readonly #cell = new BigInt64Array(this.buffer);
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.sync();
  }

  get moved(): boolean {
    return Atomics.load(this.#cell, 0) !== 0n;
  }

  /** Reads the host's clock again. */
  sync(): void {
    const before = Date.now();
    const now = this.#clock.now();
    const after = Date.now();
    const isFrom = (offset: number) => now >= before + offset && now <= after + offset;
    // Only a real move counts, not the time between the readings: an offset of zero costs the workers nothing.
    if (isFrom(Number(Atomics.load(this.#cell, 0)))) return;
    Atomics.store(this.#cell, 0, isFrom(0) ? 0n : BigInt(Math.round(now - before)));
  }
}
