/** From what networks post, in their documented forms, to uplinks. */
import { describe, expect, it } from 'vitest';
import { understandChirpstack } from '../../../shared/connector/understand-chirpstack.ts';
import { understandJson } from '../../../shared/connector/understand-json.ts';
import { understandSenml } from '../../../shared/connector/understand-senml.ts';
import { understandTheThingsStack } from '../../../shared/connector/understand-the-things-stack.ts';
import type { Understand } from '../../../shared/connector/uplink.ts';
import { parseJson, stringifyJson } from '../../../shared/platform/json-value.ts';
import { chirpStackUplink, thingsStackUplink } from '../../support/networks.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const EUI = '0004A30B001C0530';
type Query = Parameters<Understand>[1]['query'];
const understanding =
  (understand: Understand) =>
  (body: unknown, query: Query = {}) =>
    understand(parseJson(JSON.stringify(body)), { now: NOW, query });
const nothing = { uplinks: [], problems: [], ignored: 0 };
const bad = (reason: string, what: string) => ({ ...nothing, problems: [{ reason, what }] });

describe('The Things Stack', () => {
  const read = understanding(understandTheThingsStack);
  const valueIn = (uplink: object) => read(thingsStackUplink(EUI, uplink)).uplinks[0]?.value;

  it('tells the device by DevEUI, else by its id; the network server’s time; the best gateway', () => {
    expect(read(thingsStackUplink(EUI))).toEqual({
      ...nothing,
      uplinks: [
        {
          devices: [EUI, 'dev1'],
          name: 'dev1',
          stream: 'uplink',
          ts: Date.parse('2026-02-12T15:15:45.576Z'),
          value: { temperature: 21.5, luminosity: 0.49, lorawan: { port: 15, rssi: -112, snr: 9.199999809265137 } },
        },
      ],
    });
    const { dev_eui: _, ...ids } = thingsStackUplink(EUI).end_device_ids;
    expect(read({ ...thingsStackUplink(EUI), end_device_ids: ids }).uplinks[0]?.devices).toEqual(['dev1']);
  });

  it('keeps the payload where nothing was decoded, and what little there is', () => {
    expect(valueIn({ decoded_payload: undefined })).toEqual({
      lorawan: { port: 15, rssi: -112, snr: 9.199999809265137, payload: 'VGVtcGVyYXR1cmUgPSAwLjA=' },
    });
    const bare = { decoded_payload: undefined, frm_payload: undefined, f_port: undefined, rx_metadata: undefined };
    expect(valueIn(bare)).toEqual({ lorawan: {} });
  });

  it('overwrites nothing that the device sent, and keeps every digit', () => {
    const decoded_payload = { lorawan: 'mine', ts: 5 };
    expect(valueIn({ decoded_payload })).toMatchObject({ lorawan: 'mine', ts: 5, _lorawan: { port: 15 } });
    const text = JSON.stringify(thingsStackUplink(EUI)).replace(
      '"luminosity":0.49',
      '"__proto__":{"n":12345678901234567890.5}',
    );
    const [uplink] = understandTheThingsStack(parseJson(text), { now: NOW, query: {} }).uplinks;
    expect(stringifyJson(uplink?.value ?? null)).toContain('"__proto__":{"n":12345678901234567890.5}');
  });

  it('of gateways, the one that heard best: by signal to noise, then by strength', () => {
    const heard = (...rx_metadata: object[]) => Object(valueIn({ rx_metadata })).lorawan;
    expect(heard({ rssi: -90, snr: 2 }, { rssi: -80, snr: 2 }, { rssi: -20, snr: 1 })).toMatchObject({
      rssi: -80,
      snr: 2,
    });
    expect(heard({ rssi: -90 }, { rssi: -80 })).toMatchObject({ rssi: -80 });
    expect(heard({ rssi: 'loud', snr: null })).toEqual({ port: 15 });
  });

  it('without a time is dated by its arrival', () => {
    const { received_at: _, ...message } = thingsStackUplink(EUI, { received_at: undefined });
    expect(read(message).uplinks[0]?.ts).toBe(NOW);
    expect(read({ ...thingsStackUplink(EUI, { received_at: undefined }) }).uplinks[0]?.ts).toBe(
      Date.parse('2026-02-12T15:15:45.787Z'),
    );
  });

  it.each([
    'join_accept',
    'downlink_ack',
    'downlink_nack',
    'downlink_sent',
    'downlink_failed',
    'location_solved',
    'service_data',
    'uplink_normalized',
  ])('ignores %s', (event) => {
    const { uplink_message: _, ...rest } = thingsStackUplink(EUI);
    expect(read({ ...rest, [event]: {} })).toEqual({ ...nothing, ignored: 1 });
  });

  it.each<[unknown, string, string]>([
    [[], 'bad-payload', 'the body'],
    ['text', 'bad-payload', 'the body'],
    [{}, 'bad-payload', '/end_device_ids'],
    [{ end_device_ids: { device_id: '' } }, 'bad-payload', '/end_device_ids/device_id'],
    [thingsStackUplink(EUI, { decoded_payload: [1] }), 'bad-payload', '/uplink_message/decoded_payload'],
    [thingsStackUplink(EUI, { rx_metadata: {} }), 'bad-payload', '/uplink_message/rx_metadata'],
    [thingsStackUplink(EUI, { received_at: 'yesterday' }), 'bad-timestamp', 'received_at'],
    [thingsStackUplink(EUI, { received_at: '2030-01-01T00:00:00Z' }), 'bad-timestamp', 'received_at'],
  ])('refuses %j', (body, reason, what) => {
    expect(read(body)).toEqual(bad(reason, what));
  });
});

describe('ChirpStack', () => {
  const read = understanding(understandChirpstack);

  it('tells device, name, time, port and the best gateway', () => {
    expect(read(chirpStackUplink(EUI), { event: 'up' })).toEqual({
      ...nothing,
      uplinks: [
        {
          devices: [EUI],
          name: 'Test device',
          stream: 'uplink',
          ts: Date.parse('2026-02-18T09:34:15.775Z'),
          value: { lorawan: { port: 1, rssi: -36, snr: 10.5, payload: 'qg==' } },
        },
      ],
    });
    expect(read(chirpStackUplink(EUI, { object: { t: 1 } })).uplinks[0]?.value).toEqual({
      t: 1,
      lorawan: { port: 1, rssi: -36, snr: 10.5 },
    });
  });

  it.each(['join', 'ack', 'txack', 'log', 'status', 'location', 'integration'])('ignores %s', (event) => {
    expect(read(chirpStackUplink(EUI), { event })).toEqual({ ...nothing, ignored: 1 });
  });

  it.each<[unknown, string, string]>([
    [null, 'bad-payload', 'the body'],
    [{ deviceInfo: {} }, 'bad-payload', '/deviceInfo/devEui'],
    [chirpStackUplink(EUI, { object: 'text' }), 'bad-payload', '/object'],
    [chirpStackUplink(EUI, { time: '' }), 'bad-timestamp', 'time'],
  ])('refuses %j', (body, reason, what) => {
    expect(read(body, { event: 'up' })).toEqual(bad(reason, what));
  });
});

describe('JSON', () => {
  const read = understanding(understandJson);

  it('is one reading, or a list of which the good ones are kept', () => {
    expect(read({ device: 'a', value: null })).toEqual({
      ...nothing,
      uplinks: [{ devices: ['a'], name: 'a', stream: 'telemetry', ts: NOW, value: null }],
    });
    const { uplinks, problems } = read([
      { device: 'a', stream: 's', ts: 5, value: 1 },
      { device: 'a' },
      7,
      { device: 'a', ts: -1, value: 1 },
    ]);
    expect(uplinks).toEqual([{ devices: ['a'], name: 'a', stream: 's', ts: 5, value: 1 }]);
    expect(problems).toEqual([
      { reason: 'bad-payload', what: '/1/value' },
      { reason: 'bad-payload', what: '/2' },
      { reason: 'bad-timestamp', what: '/3/ts' },
    ]);
  });

  it('never quotes a member that it doesn’t know, and has at most 1,000 elements', () => {
    expect(read({ device: 'a', value: 1, secret: 2 })).toEqual(bad('bad-payload', '/…'));
    expect(read(Array.from({ length: 1001 }, () => ({ device: 'a', value: 1 })))).toEqual(
      bad('bad-payload', 'more than 1000 elements'),
    );
  });
});

describe('SenML', () => {
  const read = understanding(understandSenml);
  const seen = (pack: unknown, query: Query = {}) =>
    read(pack, query).uplinks.map(({ devices: [device], value }) => [device, value]);

  it.each([
    ['urn:dev:ow:10e2073a01080063:', '10e2073a01080063'],
    ['urn:dev:ow:10e2073a01080063', '10e2073a01080063'],
    ['https:/example.com/sensors/7/', '7'],
    ['x', 'x'],
  ])('of base name %s is of device %s', (bn, device) => {
    expect(seen([{ bn, n: 'a', v: 1 }])).toEqual([[device, { a: 1 }]]);
  });

  it('resolved is of the same device, with the same label', () => {
    expect(seen([{ n: 'urn:dev:ow:10e2073a01080063:voltage', v: 1 }])).toEqual([['10e2073a01080063', { voltage: 1 }]]);
  });

  it('of several devices is told apart, also at one time', () => {
    expect(
      seen([
        { bn: 'a:', n: 't', v: 1 },
        { bn: 'b:', n: 't', v: 2 },
        { bn: 'a:', n: 'h', v: 3 },
      ]),
    ).toEqual([
      ['a', { t: 1, h: 3 }],
      ['b', { t: 2 }],
    ]);
  });

  it('is of the device that the query names, whatever its names', () => {
    expect(
      seen(
        [
          { bn: 'a:', n: 't', v: 1 },
          { n: 'h', v: 2 },
        ],
        { device: 'q' },
      ),
    ).toEqual([['q', { t: 1, h: 2 }]]);
  });

  it('that names no device, is malformed, or out of time is told', () => {
    expect(read([{ n: 't', v: 1 }])).toEqual(bad('bad-payload', 'a record whose name tells no device'));
    expect(read({ n: 't', v: 1 })).toEqual(bad('bad-senml', expect.stringContaining('a pack is an array') as never));
    expect(read([{ bn: 'a:', n: 't', t: 1e11, v: 1 }])).toEqual(bad('bad-timestamp', 'a time of a'));
  });
});
