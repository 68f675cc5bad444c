/**
 * Kind `the-things-stack`: the JSON of a webhook of The Things Stack v3. The device is the one with its DevEUI, else with its device
 * id, as serial number. Everything but uplinks (joins, downlink events, locations, normalized copies) is ignored.
 */
import * as z from 'zod';
import { readTime } from '../ingest/read-time.ts';
import { isObject, type JsonValue } from '../platform/json-value.ts';
import { lorawanValue, UPLINK_STREAM } from './lorawan.ts';
import { networkId, numeric, placeOf, rejected, type Understand } from './uplink.ts';

const message = z.object({
  end_device_ids: z.object({ device_id: networkId, dev_eui: networkId.optional() }),
  received_at: z.string().optional(),
  uplink_message: z
    .object({
      received_at: z.string().optional(),
      f_port: numeric,
      frm_payload: z.string().optional(),
      decoded_payload: z.custom<JsonValue>((value) => value === undefined || isObject(value as JsonValue)).optional(),
      rx_metadata: z.array(z.object({ rssi: numeric, snr: numeric })).default([]),
    })
    .optional(),
});

export const understandTheThingsStack: Understand = (body, { now }) => {
  const read = message.safeParse(body);
  if (!read.success) return rejected('bad-payload', placeOf(read.error));
  const { end_device_ids: ids, uplink_message: uplink, received_at: told } = read.data;
  if (!uplink) return { uplinks: [], problems: [], ignored: 1 };
  // The network server's time is the nearer to the uplink.
  const given = uplink.received_at ?? told;
  const ts = given === undefined ? now : readTime(given, now);
  if (ts === undefined) return rejected('bad-timestamp', 'received_at');
  const { f_port: port, decoded_payload: decoded, frm_payload: payload, rx_metadata: gateways } = uplink;
  return {
    uplinks: [
      {
        devices: [...(ids.dev_eui === undefined ? [] : [ids.dev_eui]), ids.device_id],
        name: ids.device_id,
        stream: UPLINK_STREAM,
        ts,
        value: lorawanValue({ port, decoded, payload, gateways }),
      },
    ],
    problems: [],
    ignored: 0,
  };
};
