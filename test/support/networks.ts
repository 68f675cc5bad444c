/** What networks post, in the documented form of each, and how. */
import { type Answer, made, type Program, request } from './api.ts';
import type { Endpoints } from './host.ts';

export interface TestConnector {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

export const makeConnector = async (
  of: Program,
  kind: string,
  product: string,
  more: object = {},
): Promise<TestConnector> => made(await of.post('/v1/connectors', { name: 'network', kind, product, ...more }));

/** As the network posts it. */
export const post = (
  endpoints: Endpoints,
  { id, secret }: Pick<TestConnector, 'id' | 'secret'>,
  body: unknown,
  options: { query?: string; type?: string } = {},
): Promise<Answer> =>
  request(endpoints, 'POST', `/v1/ingest/${id}${options.query ?? ''}`, {
    token: secret,
    body,
    headers: { 'content-type': options.type ?? 'application/json' },
  });

/** An uplink of The Things Stack v3, as its documentation shows it. */
export const thingsStackUplink = (devEui: string, more: object = {}) => ({
  end_device_ids: {
    device_id: 'dev1',
    application_ids: { application_id: 'app1' },
    dev_eui: devEui,
    join_eui: '800000000000000C',
    dev_addr: '00BCB929',
  },
  correlation_ids: ['as:up:01E0WZGT6Y7657CPFPE5WEYDSQ', 'gs:conn:01E0WDEC6T9T70NXKJ4JNZFTTT'],
  received_at: '2026-02-12T15:15:45.787Z',
  uplink_message: {
    session_key_id: 'AXA50tHUQUucM8Oh6JrZSg==',
    f_cnt: 1,
    f_port: 15,
    frm_payload: 'VGVtcGVyYXR1cmUgPSAwLjA=',
    decoded_payload: { temperature: 21.5, luminosity: 0.49 },
    rx_metadata: [
      {
        gateway_ids: { gateway_id: 'gtw1', eui: '9C5C8E00001A05C4' },
        timestamp: 2463457000,
        rssi: -35,
        channel_rssi: -35,
        snr: 5.2,
      },
      {
        gateway_ids: { gateway_id: 'gtw2' },
        time: '2026-02-12T15:15:45.562Z',
        rssi: -112,
        channel_rssi: -112,
        snr: 9.199999809265137,
      },
    ],
    settings: {
      data_rate: { lora: { bandwidth: 125000, spreading_factor: 7 } },
      data_rate_index: 5,
      coding_rate: '4/6',
      frequency: '868300000',
      timestamp: 2463457000,
    },
    received_at: '2026-02-12T15:15:45.576123456Z',
    consumed_airtime: '0.056576s',
    ...more,
  },
});

/** An uplink of ChirpStack v4's HTTP integration, as its documentation shows it. */
export const chirpStackUplink = (devEui: string, more: object = {}) => ({
  deduplicationId: '3ac7e3c4-4401-4b8d-9386-a5c902f9202d',
  time: '2026-02-18T09:34:15.775023242+00:00',
  deviceInfo: {
    tenantId: '52f14cd4-c6f1-4fbd-8f87-4025e1d49242',
    tenantName: 'ChirpStack',
    applicationId: '17c82e96-be03-4f38-aef3-f83d48582d97',
    applicationName: 'Test application',
    deviceProfileId: '14855bf7-d10d-4aee-b618-ebfcb64dc7ad',
    deviceProfileName: 'Test device-profile',
    deviceName: 'Test device',
    devEui,
    tags: { key: 'value' },
  },
  devAddr: '00189440',
  dr: 1,
  fPort: 1,
  data: 'qg==',
  rxInfo: [
    {
      gatewayId: '0016c001f153a14c',
      uplinkId: 4217106255,
      rssi: -36,
      snr: 10.5,
      context: 'E3OWOQ==',
      metadata: { region_name: 'eu868' },
    },
  ],
  txInfo: {
    frequency: 867100000,
    modulation: { lora: { bandwidth: 125000, spreadingFactor: 11, codeRate: 'CR_4_5' } },
  },
  ...more,
});
