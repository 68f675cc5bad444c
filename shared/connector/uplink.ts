/** What a connector's sender sends, once it is understood; the same for every kind. */
import * as z from 'zod';
import { JsonNumber, type JsonValue } from '../platform/json-value.ts';
import type { Reason } from '../rejected-message/rejected-message.ts';

/** One reading, of a device as the network calls it. */
export interface Uplink {
  /** Serial numbers or ids, the first that is known counts. */
  readonly devices: readonly string[];
  /** The network's name for the device. */
  readonly name: string;
  readonly stream: string;
  /** Epoch milliseconds. */
  readonly ts: number;
  readonly value: JsonValue;
}

/** Something that can't be stored; `what` names it within the body, or the device. */
export interface Problem {
  readonly reason: Reason;
  readonly what: string;
}

export interface Understood {
  readonly uplinks: readonly Uplink[];
  readonly problems: readonly Problem[];
  /** Events beside readings. */
  readonly ignored: number;
}

export interface Context {
  /** When the request arrived: epoch milliseconds. */
  readonly now: number;
  readonly query: { readonly event?: string | undefined; readonly device?: string | undefined };
}

/** From a body to uplinks. Pure. */
export type Understand = (body: JsonValue, context: Context) => Understood;

/** How a network calls a device: at most what a serial number has. */
export const networkId = z.string().min(1).max(200);

/** A number as it was sent; what is none is left out, since nothing depends on it. */
export const numeric = z
  .custom<number | JsonNumber>((value) => typeof value === 'number' || value instanceof JsonNumber)
  .optional()
  .catch(undefined);

/** Where the first thing is that is wrong, below a place in the body. A member that isn't known is not quoted. */
export function placeOf({ issues: [first] }: z.ZodError, below = ''): string {
  const path = [...(first?.path ?? []), ...(first?.code === 'unrecognized_keys' ? ['…'] : [])];
  return below + path.map((step) => `/${String(step)}`).join('') || 'the body';
}

export const rejected = (reason: Reason, what: string): Understood => ({
  uplinks: [],
  problems: [{ reason, what }],
  ignored: 0,
});
