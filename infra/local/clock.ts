/** The instance's time: the computer's, unless a test moved it. */
import type { Clock } from './contract.ts';

export interface HostClock extends Clock {
  /** Milliseconds that the instance is ahead of the computer. */
  offset(): number;
  set(epochMilliseconds: number): void;
  advance(milliseconds: number): void;
  reset(): void;
}

export function hostClock(): HostClock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    offset: () => offset,
    set: (time) => {
      offset = time - Date.now();
    },
    advance: (milliseconds) => {
      offset += milliseconds;
    },
    reset: () => {
      offset = 0;
    },
  };
}
