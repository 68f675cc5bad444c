/**
 * Kind `chirpstack`: the JSON of ChirpStack v4's HTTP integration, whose `?event=` names the event. The device is the one with its
 * DevEUI as serial number. Everything but uplinks (`up`) is ignored.
 */
import * as z from 'zod';
import { readTime } from '../ingest/read-time.ts';
import { isObject, type JsonValue } from '../platform/json-value.ts';
import { lorawanValue, UPLINK_STREAM } from './lorawan.ts';
import { networkId, numeric, placeOf, rejected, type Understand } from './uplink.ts';

const event = z.object({
  deviceInfo: z.object({ devEui: networkId, deviceName: z.string().optional() }),
  time: z.string().optional(),
  fPort: numeric,
  data: z.string().optional(),
  object: z
    .custom<JsonValue>((value) => value === undefined || value === null || isObject(value as JsonValue))
    .optional(),
  rxInfo: z.array(z.object({ rssi: numeric, snr: numeric })).default([]),
});

export const understandChirpstack: Understand = (body, { now, query }) => {
  if (query.event !== undefined && query.event !== 'up') return { uplinks: [], problems: [], ignored: 1 };
  const read = event.safeParse(body);
  if (!read.success) return rejected('bad-payload', placeOf(read.error));
  const { deviceInfo, time, fPort: port, data: payload, object: decoded, rxInfo: gateways } = read.data;
  const ts = time === undefined ? now : readTime(time, now);
  if (ts === undefined) return rejected('bad-timestamp', 'time');
  return {
    uplinks: [
      {
        devices: [deviceInfo.devEui],
        name: deviceInfo.deviceName ?? deviceInfo.devEui,
        stream: UPLINK_STREAM,
        ts,
        value: lorawanValue({ port, decoded, payload, gateways }),
      },
    ],
    problems: [],
    ignored: 0,
  };
};
