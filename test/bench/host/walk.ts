/** The first walk of a new user: an account, a device with a certificate, a bucket, a reading that comes back. */
import type { MqttClient } from 'mqtt';
import { eventually, made, openAccount } from '../../support/api.ts';
import { connectDevice, makeDevice, makeProduct, publish } from '../../support/device.ts';
import type { Endpoints } from '../../support/host.ts';

export interface Walk {
  /** Publishes a reading; answers how many ms later it could be read. */
  publishAndRead(): Promise<number>;
  close(): Promise<void>;
}

export async function walk(endpoints: Endpoints): Promise<Walk> {
  const account = await openAccount(endpoints);
  const product = await makeProduct(account);
  const device = await makeDevice(account, product);
  const bucket = made(await account.post('/v1/buckets', { name: 'all', source: { product, stream: 'telemetry' } }));
  const client: MqttClient = await connectDevice(endpoints, device);
  const newest = `/v1/buckets/${bucket.id}/readings?device=${device.id}&order=desc&limit=1`;
  let n = 0;
  return {
    async publishAndRead() {
      n += 1;
      const begin = performance.now();
      await publish(client, device.topic('telemetry'), { n });
      const { body, text } = await eventually(
        () => account.get(newest),
        ({ body }) => body?.items?.[0]?.value?.n === n,
      );
      if (body?.items?.[0]?.value?.n !== n) throw new Error(`Reading ${n} did not come back: ${text}`);
      return performance.now() - begin;
    },
    close: () => client.endAsync(),
  };
}
