/** A device as its maker would build it: its own MQTT client over mutual TLS, nothing of ours. */
import { readFileSync } from 'node:fs';
import mqtt, { type MqttClient } from 'mqtt';
import { made, type Program } from './api.ts';
import type { Endpoints } from './host.ts';

export interface DeviceCredential {
  readonly id: string;
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly caPem: string;
  readonly endpoint: string;
  readonly port: number;
  readonly clientId: string;
}

export interface TestDevice {
  readonly account: string;
  readonly product: string;
  readonly id: string;
  readonly credential: DeviceCredential;
  readonly topic: (stream: string) => string;
}

/** A product, for tests that only need one. */
export const makeProduct = async (of: Program, name = 'Thermometer'): Promise<string> =>
  made(await of.post('/v1/products', { name })).id;

/** A device of the product, with a certificate. */
export async function makeDevice(of: Program, product: string, name = 't-1'): Promise<TestDevice> {
  const { id } = made(await of.post('/v1/devices', { name, product }));
  const credential = made(await of.post(`/v1/devices/${id}/credentials`, { kind: 'certificate' }));
  return {
    account: of.account,
    product,
    id,
    credential,
    topic: (stream) => `dt/${of.account}/${product}/${id}/${stream}`,
  };
}

export interface ConnectOptions {
  readonly clientId?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/** Connects, or throws what the broker or TLS refused. */
export function connectDevice(
  endpoints: Endpoints,
  device: TestDevice,
  options: ConnectOptions = {},
): Promise<MqttClient> {
  const { credential } = device;
  return new Promise((resolve, reject) => {
    const client = mqtt.connect({
      protocol: 'mqtts',
      host: endpoints.mqtt.host,
      port: endpoints.mqtt.port,
      ca: options.ca ?? readFileSync(endpoints.mqtt.caFile, 'utf8'),
      cert: options.cert ?? credential.certificatePem,
      key: options.key ?? credential.privateKeyPem,
      clientId: options.clientId ?? device.id,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
    });
    client.once('connect', () => resolve(client));
    client.once('error', (error) => {
      client.end(true);
      reject(error);
    });
    client.once('close', () => reject(new Error('The broker closed the connection.')));
  });
}

/** Publishes and waits for the broker's acknowledgement. */
export async function publish(client: MqttClient, topic: string, payload: unknown): Promise<void> {
  const sent = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  await client.publishAsync(topic, sent, { qos: 1 });
}

/** Waits until the connection has ended. */
export const closed = (client: MqttClient): Promise<void> =>
  client.connected ? new Promise((resolve) => client.once('close', () => resolve())) : Promise.resolve();
