import { AwsError } from '../contract.ts';

/** A failure that a test provokes in an AWS call. */
export interface Fault {
  /** Signing name: `dynamodb`. */
  readonly service: string;
  /** As in CloudTrail: `PutItem`; `*` for all. */
  readonly action: string;
  readonly error: { readonly code: string; readonly status?: number; readonly message?: string };
  /** How many calls fail. Default: all until cleared. */
  readonly times?: number;
  /** `after`: the call takes effect and its answer is lost. Default: `before`. */
  readonly when?: 'before' | 'after';
}

export interface Faults {
  fail(fault: Fault): void;
  /** Without a service: clears all. */
  clear(service?: string): void;
  /** Throws the fault that awaits this call, if any, and counts it. */
  strike(service: string, action: string, when: 'before' | 'after'): void;
}

export function createFaults(): Faults {
  let armed: { readonly fault: Fault; left: number }[] = [];
  return {
    fail: (fault) => void armed.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    clear: (service) => {
      armed = service === undefined ? [] : armed.filter(({ fault }) => fault.service !== service);
    },
    strike(service, action, when) {
      const found = armed.find(
        ({ fault }) =>
          fault.service === service &&
          (fault.action === '*' || fault.action === action) &&
          (fault.when ?? 'before') === when,
      );
      if (!found) return;
      found.left -= 1;
      if (found.left <= 0) armed = armed.filter((other) => other !== found);
      const { code, status, message = 'A test asked for this failure.' } = found.fault.error;
      throw new AwsError(code, message, status);
    },
  };
}
