/** The main job: a device publishes over mutual TLS, another program reads the value back through the OAuth2-protected API. */
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, made, openAccount, type Program } from '../support/api.ts';
import { connectDevice, makeDevice, makeProduct, publish } from '../support/device.ts';
import { sharedHost } from '../support/shared-host.ts';

const host = sharedHost();
let acme: Program;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
});

describe('a reading', () => {
  it('comes back as it was sent, and no other account sees it', async () => {
    const product = await makeProduct(acme);
    const device = await makeDevice(acme, product);
    const bucket = made(await acme.post('/v1/buckets', { name: 'temps', source: { product, stream: 'telemetry' } }));
    const client = await connectDevice(host.endpoints, device);
    await publish(client, device.topic('telemetry'), { temperature: 21.5, ts: '2026-03-01T10:00:00.123Z' });
    const path = `/v1/buckets/${bucket.id}/readings?device=${device.id}`;
    const answer = await eventually(
      () => acme.get(path),
      (a) => a.body?.items?.length === 1,
    );
    const expected = [
      { ts: '2026-03-01T10:00:00.123Z', device: device.id, stream: 'telemetry', value: { temperature: 21.5 } },
    ];
    expect(answer.body?.items, answer.text).toEqual(expected);
    await client.endAsync();

    const other = await openAccount(host.endpoints, 'Other');
    expect((await other.get(path)).status).toBe(404);
  });
});
