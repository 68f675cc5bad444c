/** What a connected device may say and hear: each refusal provoked by a real MQTT client. */
import { AttachPolicyCommand } from '@aws-sdk/client-iot';
import { PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Device, Laptop } from './laptop.ts';
import { closed, registerDevice, startLaptop } from './laptop.ts';
import { extraPolicy } from './template.ts';

let laptop: Laptop;
let device: Device;
let other: Device;

beforeAll(async () => {
  laptop = await startLaptop();
  [device, other] = await Promise.all([registerDevice(laptop, 'dev-1'), registerDevice(laptop, 'dev-2')]);
});
afterAll(() => laptop.stop());

const arrivals = () => laptop.queues.bodies('ingest').length;

describe('publishing', () => {
  const cases: readonly [string, (d: Device) => string][] = [
    ["another device's prefix", () => `dt/${other.prefix}/telemetry`],
    ['no prefix at all', () => 'telemetry'],
    ["the commands' topic", (d) => `cmd/${d.prefix}/reboot`],
    ['a shadow', (d) => `$aws/things/${d.client}/shadow/update`],
    ['a presence event of its own making', (d) => `$aws/events/presence/connected/${d.client}`],
    ["another device's prefix by Basic Ingest", () => `$aws/rules/laptop_ingest/dt/${other.prefix}/telemetry`],
    ['more than eight levels', (d) => `dt/${d.prefix}/a/b/c/d/e`],
    ['more than 256 bytes', (d) => `dt/${d.prefix}/${'ü'.repeat(130)}`],
  ];
  it.each(cases)('cuts off who publishes to %s', async (_, topic) => {
    const client = await laptop.connect(device);
    const before = arrivals();
    client.publish(topic(device), '1', { qos: 1 });
    await closed(client);
    expect(arrivals()).toBe(before);
  });

  it('takes 128 KB and cuts off at one byte more', async () => {
    const client = await laptop.connect(device);
    await client.publishAsync(`dt/${device.prefix}/telemetry`, Buffer.alloc(128 * 1024), { qos: 1 });
    const before = arrivals();
    client.publish(`dt/${device.prefix}/telemetry`, Buffer.alloc(128 * 1024 + 1), { qos: 1 });
    await closed(client);
    expect(arrivals()).toBe(before);
  });

  it('cuts off who publishes with QoS 2 or retains without permission', async () => {
    for (const options of [{ qos: 2 }, { qos: 1, retain: true }] as const) {
      const client = await laptop.connect(device);
      client.publish(`dt/${device.prefix}/telemetry`, '1', options);
      await closed(client);
    }
  });

  it('sends no will to a topic that is not allowed', async () => {
    const before = arrivals();
    const topic = `dt/${other.prefix}/telemetry`;
    const client = await laptop.connect(device, { will: { topic, payload: Buffer.from('1'), qos: 1, retain: false } });
    client.stream.destroy();
    await vi.waitFor(() => expect(laptop.queues.bodies('presence').at(-1)).toContain('CONNECTION_LOST'));
    expect(arrivals()).toBe(before);
  });
});

describe('subscribing', () => {
  it('refuses every filter beyond its own commands, and leaves the connection up', async () => {
    const client = await laptop.connect(device);
    const own = `cmd/${device.prefix}/#`;
    for (const filter of [
      '#',
      '+/+/+/+/+',
      `cmd/${other.prefix}/#`,
      'cmd/#',
      `dt/${device.prefix}/#`,
      '$SYS/#',
      '$share/g/#',
    ])
      await expect(client.subscribeAsync(filter), filter).rejects.toThrow(/Unspecified error|128/);
    await expect(client.subscribeAsync(own, { qos: 1 })).resolves.toMatchObject([{ topic: own, qos: 1 }]);
    await client.endAsync();
  });

  it('cuts off who asks for QoS 2', async () => {
    const client = await laptop.connect(device);
    client.subscribe(`cmd/${device.prefix}/#`, { qos: 2 }, () => undefined);
    await closed(client);
  });

  it("delivers a function's command to its device and to no other", async () => {
    const clients = await Promise.all([laptop.connect(device), laptop.connect(other)]);
    const heard: string[] = [];
    for (const [index, one] of [device, other].entries()) {
      clients[index]?.on('message', (topic) => heard.push(`${one.client} heard ${topic}`));
      await clients[index]?.subscribeAsync(`cmd/${one.prefix}/#`, { qos: 1 });
    }
    await laptop.data.send(
      new PublishCommand({ topic: `cmd/${device.prefix}/reboot`, qos: 1, payload: Buffer.from('{"id":"1"}') }),
    );
    await vi.waitFor(() => expect(heard).toEqual([`dev-1 heard cmd/${device.prefix}/reboot`]));
    await Promise.all(clients.map((client) => client.endAsync()));
  });

  /** A device of its own, so that nothing of it is cached, with a policy on its certificate. */
  async function deviceWith(name: string, action: string, on: string): Promise<Device> {
    await laptop.provision(extraPolicy(name, action, on));
    const made = await registerDevice(laptop, name);
    await laptop.control.send(new AttachPolicyCommand({ policyName: name, target: made.certificateArn }));
    return made;
  }
  const command = (target: Device) =>
    laptop.data.send(
      new PublishCommand({ topic: `cmd/${target.prefix}/reboot`, qos: 1, payload: Buffer.from('{"id":"1"}') }),
    );

  it('delivers only what may be received, whatever may be subscribed to', async () => {
    const curious = await deviceWith('curious', 'iot:Subscribe', 'topicfilter/cmd/*');
    const heard: string[] = [];
    const client = await laptop.connect(curious, {}, heard);
    await client.subscribeAsync('cmd/#', { qos: 1 });
    await command(other);
    await command(curious);
    await vi.waitFor(() => expect(heard).toEqual([`cmd/${curious.prefix}/reboot`]));
    await client.endAsync();
  });

  it('keeps nothing for an offline session that a refused filter would match', async () => {
    const patient = await deviceWith('patient', 'iot:Receive', 'topic/*');
    const session = { clean: false };
    const filters = [`cmd/${patient.prefix}/#`, `cmd/${other.prefix}/#`];
    const first = await laptop.connect(patient, session);
    await expect(first.subscribeAsync(filters, { qos: 1 })).rejects.toThrow();
    await first.endAsync();
    await command(other);
    await command(patient);
    const heard: string[] = [];
    const second = await laptop.connect(patient, session, heard);
    await vi.waitFor(() => expect(heard).toEqual([`cmd/${patient.prefix}/reboot`]));
    await second.endAsync();
  });

  it('retains a message only with the permission to', async () => {
    const topic = (d: Device) => `dt/${d.prefix}/state`;
    const keeper = await deviceWith('keeper', 'iot:RetainPublish', 'topic/dt/*');
    const client = await laptop.connect(keeper);
    await client.publishAsync(topic(keeper), '1', { qos: 1, retain: true });
    await client.endAsync();
    const reader = await deviceWith('reader', 'iot:*', 'topic*');
    const heard: string[] = [];
    const listening = await laptop.connect(reader, {}, heard);
    await listening.subscribeAsync('dt/#');
    await vi.waitFor(() => expect(heard).toEqual([topic(keeper)]));
    await listening.endAsync();
  });
});
