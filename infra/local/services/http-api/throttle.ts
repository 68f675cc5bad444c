/** A token bucket: `burst` requests at once, then `ratePerSecond`. By the monotonic clock: a moved clock fills no bucket. */
export class Throttle {
  readonly #ratePerSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt = performance.now();

  constructor({ ratePerSecond, burst }: { ratePerSecond: number; burst: number }) {
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  admits(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#ratePerSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
