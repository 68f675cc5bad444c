/**
 * The worker's `Date` on the host's clock. The offset lies in memory that host and workers share, so a clock that moves again is
 * seen at the next reading. Installed only once the control socket has moved the clock: until then `Date` is Node's own.
 */
let installed = false;

export function installMovedClock(offset: SharedArrayBuffer): void {
  if (installed) return;
  installed = true;
  const cell = new BigInt64Array(offset);
  const RealDate = Date;
  const realNow = RealDate.now.bind(RealDate);
  const now = () => realNow() + Number(Atomics.load(cell, 0));
  const MovedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  // Also for whoever holds the original constructor.
  RealDate.now = now;
  RealDate.prototype.constructor = MovedDate;
  globalThis.Date = MovedDate;
}
