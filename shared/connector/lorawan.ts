/**
 * What a LoRaWAN network tells of an uplink, as a reading's value: the members of the decoded payload, and under `lorawan` the port
 * and how the best gateway heard it; where nothing was decoded, the payload as it came. Pure.
 */
import { isObject, JsonNumber, type JsonValue } from '../platform/json-value.ts';

export const UPLINK_STREAM = 'uplink';

type Numeric = number | JsonNumber | undefined;

interface Heard {
  readonly rssi?: Numeric;
  readonly snr?: Numeric;
}

const size = (number: Numeric): number =>
  number instanceof JsonNumber ? Number(number.source) : (number ?? Number.NEGATIVE_INFINITY);

/** By signal to noise, then by strength. */
const best = (gateways: readonly Heard[]): Heard =>
  gateways.reduce<Heard>((a, b) => {
    const by = size(b.snr) - size(a.snr);
    return by > 0 || (!(by < 0) && size(b.rssi) > size(a.rssi)) ? b : a;
  }, {});

export function lorawanValue(uplink: {
  port?: Numeric;
  decoded?: JsonValue | undefined;
  /** Base64. */
  payload?: string | undefined;
  gateways: readonly Heard[];
}): JsonValue {
  const decoded = isObject(uplink.decoded) ? uplink.decoded : undefined;
  const { rssi, snr } = best(uplink.gateways);
  const radio = { port: uplink.port, rssi, snr, payload: decoded ? undefined : uplink.payload };
  const value = Object.create(null) as { [name: string]: JsonValue };
  for (const [name, member] of Object.entries(decoded ?? {})) value[name] = member;
  // What the device sent is never overwritten.
  const place = Object.hasOwn(value, 'lorawan') ? '_lorawan' : 'lorawan';
  value[place] = Object.fromEntries(
    Object.entries(radio).flatMap(([name, member]) => (member === undefined ? [] : [[name, member]])),
  );
  return value;
}
