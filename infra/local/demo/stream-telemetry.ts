/** The devices at work: each connects over mutual TLS with its own certificate and publishes twice a second. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { messageOf, Refusal } from '../refusal.ts';
import type { DemoDevice } from './make-things.ts';
import { deviceFiles } from './memory.ts';
import { type RunningHost, shownPath } from './running-host.ts';
import { command, done, progress, step } from './terminal.ts';

const INTERVAL_MS = 500;

export interface Fleet {
  readonly account: string;
  readonly product: string;
  readonly devices: readonly DemoDevice[];
}

/** A room's climate: a level of its own, a slow wave, a little noise. */
function climate(index: number, seconds: number): { temperature: number; humidity: number } {
  const wave = Math.sin(seconds / 2 + index) + (Math.random() - 0.5) / 2;
  const round = (value: number) => Math.round(value * 10) / 10;
  return { temperature: round(17 + 2.5 * (index % 7) + wave), humidity: round(62 - 3 * (index % 7) - 2 * wave) };
}

const topicOf = ({ account, product }: Fleet, device: string) => `dt/${account}/${product}/${device}/telemetry`;

async function connect(host: RunningHost, { id, name }: DemoDevice): Promise<MqttClient> {
  const files = deviceFiles(host.data, id);
  try {
    return await mqtt.connectAsync({
      protocol: 'mqtts',
      host: host.mqtt.host,
      port: host.mqtt.port,
      ca: readFileSync(host.mqtt.caFile),
      cert: readFileSync(files.cert),
      key: readFileSync(files.key),
      clientId: id,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
    });
  } catch (error) {
    throw new Refusal(`“${name}” can’t connect to ${host.mqtt.host}:${host.mqtt.port}: ${messageOf(error)}`);
  }
}

function publishCommand(host: RunningHost, fleet: Fleet): string {
  const device = fleet.devices[0]?.id ?? '';
  const files = deviceFiles(host.data, device);
  const tls = `--cafile ${shownPath(host.mqtt.caFile)} --cert ${shownPath(files.cert)} --key ${shownPath(files.key)}`;
  return `mosquitto_pub -h ${host.mqtt.host} -p ${host.mqtt.port} ${tls} \\
  -i ${device} -q 1 -t ${topicOf(fleet, device)} \\
  -m '{"temperature":21.5}'`;
}

/** Answers how many readings the broker has taken. */
export async function streamTelemetry(host: RunningHost, fleet: Fleet, seconds: number): Promise<number> {
  const { devices } = fleet;
  step(`Telemetry for ${seconds} s, over MQTT and mutual TLS`);
  command(publishCommand(host, fleet));
  const clients = await Promise.all(devices.map((device) => connect(host, device)));
  const rounds = Math.ceil((seconds * 1000) / INTERVAL_MS);
  const show = progress(rounds * devices.length);
  let sent = 0;
  const publish = async (client: MqttClient, index: number, round: number) => {
    const reading = { ts: new Date().toISOString(), ...climate(index, (round * INTERVAL_MS) / 1000) };
    await client.publishAsync(topicOf(fleet, devices[index]?.id ?? ''), JSON.stringify(reading), { qos: 1 });
    sent += 1;
    show(sent);
  };
  try {
    for (let round = 0; round < rounds; round++) {
      const began = Date.now();
      await Promise.all(clients.map((client, index) => publish(client, index, round)));
      await sleep(Math.max(0, began + INTERVAL_MS - Date.now()));
    }
  } catch (error) {
    throw new Refusal(`The connection to the broker was lost: ${messageOf(error)}`);
  } finally {
    await Promise.all(clients.map((client) => client.endAsync().catch(() => {})));
  }
  done(`${sent} readings of ${devices.length} ${devices.length === 1 ? 'device' : 'devices'}, each acknowledged`);
  return sent;
}
