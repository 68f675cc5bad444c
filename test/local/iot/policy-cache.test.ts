/** AWS applies policy changes after minutes; DeleteConnection cuts at once. Both, with a moved clock. */
import {
  AttachPolicyCommand,
  DetachPolicyCommand,
  UpdateCertificateCommand,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { DeleteConnectionCommand, GetConnectionCommand, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Device, Laptop } from './laptop.ts';
import { closed, groupArn, registerDevice, startLaptop } from './laptop.ts';
import { POLICY } from './template.ts';

let laptop: Laptop;
let device: Device;
const policy = { policyName: POLICY, target: groupArn };

beforeEach(async () => {
  laptop = await startLaptop({ policyCacheSeconds: 480 });
  device = await registerDevice(laptop, 'dev-1');
});
afterEach(() => laptop.stop());

const topic = () => `dt/${device.prefix}/telemetry`;

describe('a detached policy', () => {
  it('still lets open and new connections work until the cache has turned over', async () => {
    const open = await laptop.connect(device);
    await laptop.control.send(new DetachPolicyCommand(policy));
    laptop.advance(479);
    await open.publishAsync(topic(), '1', { qos: 1 });
    await open.endAsync();
    const again = await laptop.connect(device);
    await again.publishAsync(topic(), '2', { qos: 1 });
    expect(laptop.queues.bodies('ingest')).toHaveLength(2);

    laptop.advance(2);
    again.publish(topic(), '3', { qos: 1 });
    await closed(again);
    expect(laptop.queues.bodies('ingest')).toHaveLength(2);
    await expect(laptop.connect(device)).rejects.toThrow(/Not authorized/);
  });

  it('attached again, lets in only after the same time', async () => {
    await laptop.control.send(new DetachPolicyCommand(policy));
    await expect(laptop.connect(device)).rejects.toThrow();
    await laptop.control.send(new AttachPolicyCommand(policy));
    await expect(laptop.connect(device)).rejects.toThrow();
    laptop.advance(480);
    await (await laptop.connect(device)).endAsync();
  });
});

it('applies a changed attribute after the same time', async () => {
  const client = await laptop.connect(device);
  const attributes = { account: 'acc', product: 'moved' };
  await laptop.control.send(new UpdateThingCommand({ thingName: device.client, attributePayload: { attributes } }));
  await client.publishAsync(topic(), '1', { qos: 1 });
  laptop.advance(480);
  await client.publishAsync(`dt/acc/moved/${device.client}/telemetry`, '1', { qos: 1 });
  await client.endAsync();
});

it('disconnects even an idle client some time after its certificate was deactivated, and lets it not back in', async () => {
  const client = await laptop.connect(device);
  const gone = closed(client);
  await laptop.control.send(
    new UpdateCertificateCommand({ certificateId: device.certificateId, newStatus: 'INACTIVE' }),
  );
  await client.publishAsync(topic(), '1', { qos: 1 });
  laptop.advance(480);
  await gone;
  await expect(laptop.connect(device)).rejects.toThrow(/Not authorized/);
});

describe('DeleteConnection', () => {
  const cut = (more: object = {}) =>
    laptop.data.send(new DeleteConnectionCommand({ clientId: device.client, ...more }));

  it('cuts at once, is seen by GetConnection, and keeps nobody from coming back', async () => {
    const client = await laptop.connect(device);
    const gone = closed(client);
    const seen = () => laptop.data.send(new GetConnectionCommand({ clientId: device.client }));
    await expect(seen()).resolves.toMatchObject({ connected: true, thingName: 'dev-1' });
    await cut();
    await gone;
    await vi.waitFor(async () =>
      expect(await seen()).toMatchObject({ connected: false, disconnectReason: 'API_INITIATED_DISCONNECT' }),
    );
    await (await laptop.connect(device)).endAsync();
  });

  it('finds the newest connection after a burst of duplicates', async () => {
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => laptop.connect(device)));
    const clients = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    await vi.waitFor(() => expect(clients.filter(({ connected }) => connected).length).toBeLessThanOrEqual(1));
    await cut();
    await vi.waitFor(() => expect(clients.filter(({ connected }) => connected)).toEqual([]));
  });

  it('sends the will unless told otherwise', async () => {
    const will = { topic: topic(), payload: Buffer.from('"gone"'), qos: 1, retain: false } as const;
    const first = closed(await laptop.connect(device, { will }));
    await cut({ preventWillMessage: true });
    await first;
    expect(laptop.queues.bodies('ingest')).toEqual([]);
    await laptop.connect(device, { will });
    await cut();
    await vi.waitFor(() => expect(laptop.queues.bodies('ingest')).toHaveLength(1));
  });

  it('forgets the session when asked to', async () => {
    const command = `cmd/${device.prefix}/reboot`;
    const session = { clean: false };
    const client = await laptop.connect(device, session);
    await client.subscribeAsync(command, { qos: 1 });
    await cut({ cleanSession: true });
    await laptop.data.send(new PublishCommand({ topic: command, qos: 1, payload: Buffer.from('1') }));
    const back = await laptop.connect(device, session);
    const heard: string[] = [];
    back.on('message', (name) => heard.push(name));
    await back.publishAsync(topic(), '1', { qos: 1 });
    expect(heard).toEqual([]);
    await back.endAsync();
  });

  it('answers 404 for who is not connected', async () => {
    await expect(cut()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
