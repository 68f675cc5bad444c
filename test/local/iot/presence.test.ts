/** Who came and went, in AWS's words, on the presence queue. */
import { DeleteConnectionCommand } from '@aws-sdk/client-iot-data-plane';
import type { MqttClient } from 'mqtt';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { Device, Laptop } from './laptop.ts';
import { closed, registerDevice, startLaptop } from './laptop.ts';

let laptop: Laptop;
let device: Device;

beforeEach(async () => {
  laptop = await startLaptop();
  device = await registerDevice(laptop, 'dev-1');
});
afterEach(() => laptop.stop());

const event = z.looseObject({
  eventType: z.string(),
  versionNumber: z.number(),
  sessionIdentifier: z.string(),
  disconnectReason: z.string().optional(),
  clientInitiatedDisconnect: z.boolean().optional(),
});
const events = () => laptop.queues.bodies('presence').map((body) => event.parse(JSON.parse(body)));

it("says who connected and disconnected, with AWS's fields", async () => {
  const client = await laptop.connect(device);
  await client.endAsync();
  await vi.waitFor(() => expect(events()).toHaveLength(2));
  const common = {
    clientId: 'dev-1',
    thingName: 'dev-1',
    timestamp: expect.any(Number),
    sessionIdentifier: events()[0]?.sessionIdentifier,
    principalIdentifier: device.certificateId,
    versionNumber: 0,
  };
  expect(events()).toEqual([
    { ...common, eventType: 'connected', ipAddress: '127.0.0.1' },
    {
      ...common,
      eventType: 'disconnected',
      clientInitiatedDisconnect: true,
      disconnectReason: 'CLIENT_INITIATED_DISCONNECT',
    },
  ]);
});

const endings: readonly [string, (client: MqttClient) => unknown][] = [
  ['CONNECTION_LOST', (client) => client.stream.destroy()],
  ['AUTH_ERROR', (client) => client.publish('dt/elsewhere', '1', { qos: 1 })],
  ['CLIENT_ERROR', (client) => client.publish(`dt/${device.prefix}/x`, Buffer.alloc(131_073), { qos: 1 })],
  ['CLIENT_ERROR', (client) => client.stream.write(Buffer.from('10020000', 'hex'))],
  ['API_INITIATED_DISCONNECT', () => laptop.data.send(new DeleteConnectionCommand({ clientId: 'dev-1' }))],
];
it.each(endings)('gives %s as the reason', async (reason, end) => {
  const client = await laptop.connect(device);
  const gone = closed(client);
  await end(client);
  await gone;
  await vi.waitFor(() =>
    expect(events().at(-1)).toMatchObject({ disconnectReason: reason, clientInitiatedDisconnect: false }),
  );
});

it('numbers connections, tells a replaced one from its successor, and begins anew after an hour', async () => {
  const older = await laptop.connect(device);
  const gone = closed(older);
  const newer = await laptop.connect(device);
  await gone;
  await vi.waitFor(() => expect(events()).toHaveLength(3));
  expect(events().find(({ eventType }) => eventType === 'disconnected')).toMatchObject({
    versionNumber: 0,
    disconnectReason: 'DUPLICATE_CLIENTID',
  });
  await newer.endAsync();
  await vi.waitFor(() => expect(events().at(-1)).toMatchObject({ versionNumber: 1, eventType: 'disconnected' }));
  laptop.advance(3601);
  await laptop.connect(device);
  await vi.waitFor(() => expect(events().at(-1)).toMatchObject({ versionNumber: 0, eventType: 'connected' }));
});

it('says nothing of who was refused', async () => {
  await expect(laptop.connect({ ...device, client: 'someone-else' })).rejects.toThrow();
  expect(events()).toEqual([]);
});
