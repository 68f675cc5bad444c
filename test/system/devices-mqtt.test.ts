/** A device at its door: certificates, what the broker lets it do, how it is cut off, and what is shown of its connection. */
import { spawn, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clientToken, eventually, made, openAccount, type Program, program } from '../support/api.ts';
import {
  type ConnectOptions,
  closed,
  connectDevice,
  type DeviceCredential,
  makeDevice,
  makeProduct,
  publish,
  type TestDevice,
} from '../support/device.ts';
import { foreignCertificate, signingRequest } from '../support/device-certificates.ts';
import { rejectedOf, untilReadings, untilRejected, valuesIn } from '../support/ingest.ts';
import { isInstalled } from '../support/installed.ts';
import { makeBucket } from '../support/readings.ts';
import { sharedHost } from '../support/shared-host.ts';

const host = sharedHost();
let acme: Program;
let product: string;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  product = await makeProduct(acme);
});

const addCredential = async (device: TestDevice, csr?: string): Promise<DeviceCredential> =>
  made(await acme.post(`/v1/devices/${device.id}/credentials`, { kind: 'certificate', csr }));
const identity = (credential: DeviceCredential, key = credential.privateKeyPem): ConnectOptions => ({
  cert: credential.certificatePem,
  key,
});
const connect = (device: TestDevice, options?: ConnectOptions) => connectDevice(host.endpoints, device, options);
const stateOf = async (device: TestDevice) => made(await acme.get(`/v1/devices/${device.id}`), 200);

/** What is done ends the connection. */
async function ends(client: MqttClient, work: () => unknown = () => undefined): Promise<void> {
  const end = closed(client);
  work();
  await end;
}

const refuses = (client: MqttClient, filter: string): Promise<boolean> =>
  client.subscribeAsync(filter, { qos: 1 }).then(
    (granted) => granted.every(({ qos }) => qos === 128),
    () => true,
  );

describe.concurrent('a certificate', () => {
  it('may be generated: its key is shown once, and it opens the door with all that the answer says', async () => {
    const device = await makeDevice(acme, product);
    const { credential } = device;
    expect(credential).toMatchObject({
      kind: 'certificate',
      clientId: device.id,
      endpoint: 'localhost',
      port: host.endpoints.mqtt.port,
      topics: {
        publish: device.topic('{stream}'),
        basicIngest: `$aws/rules/custodia_ingest/${device.topic('{stream}')}`,
        commands: `cmd/${acme.account}/${product}/${device.id}/#`,
        answers: `cmd/${acme.account}/${product}/${device.id}/{command}/res`,
      },
    });
    const certificate = new X509Certificate(credential.certificatePem);
    expect(certificate.checkPrivateKey(createPrivateKey(credential.privateKeyPem))).toBe(true);
    const { body, text } = await acme.get(`/v1/devices/${device.id}/credentials`);
    const { id, certificateId } = credential;
    expect(body.items).toEqual([{ id, kind: 'certificate', certificateId, createdAt: expect.any(String) }]);
    expect(text).not.toContain('PRIVATE KEY');
    const client = await connect(device, { ca: credential.caPem });
    await client.endAsync();
  });

  it('may be signed from a request: the key never leaves the device', async () => {
    const device = await makeDevice(acme, product);
    const { csr, key } = await signingRequest();
    const credential = await addCredential(device, csr);
    expect(credential).not.toHaveProperty('privateKeyPem');
    expect(new X509Certificate(credential.certificatePem).checkPrivateKey(createPrivateKey(key))).toBe(true);
    const bucket = await makeBucket(acme, { device: device.id });
    const client = await connect(device, identity(credential, key));
    await publish(client, device.topic('telemetry'), { by: 'csr' });
    await untilReadings(acme, bucket, 1);
    await client.endAsync();
  });

  it.runIf(isInstalled('openssl'))('is signed from a request of openssl', async () => {
    const device = await makeDevice(acme, product);
    const dir = path.join(host.data, 'openssl');
    mkdirSync(dir);
    const [key, csr] = [path.join(dir, 'key.pem'), path.join(dir, 'request.pem')];
    const subject = ['-subj', `/O=Acme/CN=${device.id}`];
    const made = spawnSync('openssl', [
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      csr,
      ...subject,
    ]);
    expect(made.status, String(made.stderr)).toBe(0);
    const credential = await addCredential(device, readFileSync(csr, 'utf8'));
    const client = await connect(device, identity(credential, readFileSync(key, 'utf8')));
    await client.endAsync();
  });

  it('is refused for a request that is none, is altered, or has a weak key', async () => {
    const device = await makeDevice(acme, product);
    const { csr } = await signingRequest();
    const lines = csr.trim().split('\n');
    const altered = lines
      .toSpliced(
        2,
        1,
        (lines[2] ?? '').replace(/[a-z]/, (c) => (c === 'a' ? 'b' : 'a')),
      )
      .join('\n');
    for (const wrong of ['not a request', device.credential.certificatePem, device.credential.privateKeyPem, altered]) {
      const answer = await acme.post(`/v1/devices/${device.id}/credentials`, { kind: 'certificate', csr: wrong });
      expect(answer.status, wrong).toBe(400);
      expect(answer.body.errors[0].pointer).toBe('/csr');
    }
    expect((await acme.get(`/v1/devices/${device.id}/credentials`)).body.items).toHaveLength(1);
  });

  it('is one of at most five', async () => {
    const device = await makeDevice(acme, product);
    const more = await Promise.all([1, 2, 3, 4].map(() => signingRequest()));
    for (const { csr } of more) await addCredential(device, csr);
    const answer = await acme.post(`/v1/devices/${device.id}/credentials`, { kind: 'certificate' });
    expect(answer.status).toBe(409);
    made(await acme.delete(`/v1/devices/${device.id}/credentials/${device.credential.id}`), 204);
    await addCredential(device, (await signingRequest()).csr);
  });
});

describe.concurrent('the broker lets a device', () => {
  it('send by Basic Ingest, hear its commands, and answer them', async () => {
    const device = await makeDevice(acme, product);
    const bucket = await makeBucket(acme, { device: device.id });
    const client = await connect(device);
    await publish(client, `$aws/rules/custodia_ingest/${device.topic('telemetry')}`, { by: 'basic ingest' });
    const [found] = await untilReadings(acme, bucket, 1);
    expect(found).toMatchObject({ device: device.id, stream: 'telemetry', value: { by: 'basic ingest' } });

    const commands = `cmd/${acme.account}/${product}/${device.id}`;
    expect(await refuses(client, `${commands}/#`)).toBe(false);
    const heard = new Promise<[string, Buffer]>((resolve) => {
      client.once('message', (topic, payload) => resolve([topic, payload]));
    });
    await publish(client, `${commands}/reboot/res`, { id: 'cmd_1' });
    const [topic, payload] = await heard;
    expect([topic, String(payload)]).toEqual([`${commands}/reboot/res`, '{"id":"cmd_1"}']);
    expect(await valuesIn(acme, bucket)).toHaveLength(1);
    await client.endAsync();
  });

  it('publish nowhere else: the connection ends, and nothing is kept', async () => {
    const victims = await openAccount(host.endpoints, 'Victims');
    const victim = await makeDevice(victims, await makeProduct(victims));
    const [device, sibling] = [await makeDevice(acme, product), await makeDevice(acme, product, 't-2')];
    const buckets = [
      [victims, await makeBucket(victims, {})],
      [acme, await makeBucket(acme, { device: sibling.id })],
    ] as const;
    const own = `${acme.account}/${product}/${device.id}`;
    const topics = [
      sibling.topic('telemetry'),
      victim.topic('telemetry'),
      `dt/${acme.account}/${victim.product}/${device.id}/telemetry`,
      `dt/${own}`,
      `$aws/rules/custodia_ingest/${sibling.topic('telemetry')}`,
      `$aws/rules/another_rule/${device.topic('telemetry')}`,
      `$aws/things/${device.id}/shadow/update`,
      `$aws/events/presence/disconnected/${sibling.id}`,
      `cmd/${own}/reboot`,
      `cmd/${acme.account}/${product}/${sibling.id}/reboot/res`,
      'telemetry',
    ];
    for (const topic of topics) {
      const client = await connect(device);
      await ends(client, () => client.publish(topic, '{"forged": true}', { qos: 1 }));
    }
    for (const options of [{ qos: 2 }, { qos: 1, retain: true }] as const) {
      const client = await connect(device);
      await ends(client, () => client.publish(device.topic('telemetry'), '{"forged": true}', options));
    }
    // What came before is through once a later message is.
    const marks = await makeBucket(acme, { device: device.id });
    const client = await connect(device);
    await publish(client, device.topic('telemetry'), { forged: false });
    await untilReadings(acme, marks, 1);
    expect(await valuesIn(acme, marks)).toEqual([{ forged: false }]);
    for (const [account, bucket] of buckets) expect(await valuesIn(account, bucket)).toEqual([]);
    expect(await rejectedOf(victims)).toEqual([]);
    await client.endAsync();
  });

  it('subscribe to nothing else', async () => {
    const [device, sibling] = [await makeDevice(acme, product), await makeDevice(acme, product, 't-2')];
    const client = await connect(device);
    const filters = [
      '#',
      '+/#',
      'dt/#',
      'cmd/#',
      `cmd/${acme.account}/#`,
      `cmd/${acme.account}/${product}/+/#`,
      `cmd/${acme.account}/${product}/${sibling.id}/#`,
      device.topic('telemetry'),
      sibling.topic('#'),
      '$aws/events/presence/#',
      '$SYS/#',
      `$share/group/${sibling.topic('#')}`,
    ];
    for (const filter of filters) {
      // AWS refuses the filter; some it answers by ending the connection.
      const open = client.connected ? client : await connect(device);
      expect(await refuses(open, filter), filter).toBe(true);
    }
    await client.endAsync();
  });
});

describe.concurrent('the door stays shut', () => {
  it('for another client id, also with a certificate of a sibling', async () => {
    const [device, sibling] = [await makeDevice(acme, product), await makeDevice(acme, product, 't-2')];
    for (const clientId of [sibling.id, 'dev_00000000000000000000000000', 'mosquitto'])
      await expect(connect(device, { clientId })).rejects.toThrow();
    await expect(connect(device, identity(sibling.credential))).rejects.toThrow();
    expect((await stateOf(device)).connected).toBe(false);
    const client = await connect(device);
    await client.endAsync();
  });

  it('for a certificate of another authority, for none, and for plain text', async () => {
    const device = await makeDevice(acme, product);
    await expect(connect(device, await foreignCertificate(device.id))).rejects.toThrow();
    await expect(connect(device, { cert: '', key: '' })).rejects.toThrow();
    // Another's public certificate without its key.
    await expect(connect(device, { key: (await signingRequest()).key })).rejects.toThrow();
    const { host: hostname, port } = host.endpoints.mqtt;
    const plain = mqtt.connect({ protocol: 'mqtt', host: hostname, port, clientId: device.id, reconnectPeriod: 0 });
    plain.on('error', () => undefined);
    await new Promise<void>((resolve) => plain.once('close', () => resolve()));
    await plain.endAsync(true);
    const client = await connect(device);
    await client.endAsync();
  });
});

describe.concurrent('connected and lastSeenAt', () => {
  it('follow the connection, also when a newer one takes its place', async () => {
    const [device, mark] = [await makeDevice(acme, product), await makeDevice(acme, product, 'mark')];
    expect(await stateOf(device)).toMatchObject({ connected: false });
    expect(await stateOf(device)).not.toHaveProperty('lastSeenAt');
    const until = (of: TestDevice, connected: boolean) =>
      eventually(
        () => stateOf(of),
        (state) => state.connected === connected,
      );
    const before = Date.now();
    const first = await connect(device);
    const seen = await until(device, true);
    expect(seen.connected).toBe(true);
    expect(Date.parse(seen.lastSeenAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(seen.lastSeenAt)).toBeLessThanOrEqual(Date.now());

    // After a network's failure a device is back before its old connection has ended.
    const replaced = closed(first);
    const second = await connect(device);
    await replaced;
    const marker = await connect(mark);
    await until(mark, true);
    expect((await stateOf(device)).connected).toBe(true);

    await second.endAsync();
    expect((await until(device, false)).connected).toBe(false);
    const { items } = made(await acme.get(`/v1/devices?product=${product}&limit=200`), 200);
    expect(items.find(({ id }: { id: string }) => id === mark.id).connected).toBe(true);
    await marker.endAsync();
  });
});

describe.runIf(isInstalled('mosquitto_pub'))('mosquitto_pub', () => {
  it('sends what is read back, and is refused as another device', async () => {
    const device = await makeDevice(acme, product);
    const bucket = await makeBucket(acme, { device: device.id });
    const dir = path.join(host.data, 'mosquitto');
    mkdirSync(dir);
    const file = (name: string, text: string) => {
      writeFileSync(path.join(dir, name), text, { mode: 0o600 });
      return path.join(dir, name);
    };
    const { credential } = device;
    const args = [
      '-h',
      credential.endpoint,
      '-p',
      String(credential.port),
      '--cafile',
      file('ca.pem', credential.caPem),
    ];
    args.push(
      '--cert',
      file('cert.pem', credential.certificatePem),
      '--key',
      file('key.pem', credential.privateKeyPem),
    );
    const send = async (clientId: string, topic: string): Promise<number> => {
      const child = spawn(
        'mosquitto_pub',
        [...args, '-i', clientId, '-q', '1', '-t', topic, '-m', '{"by":"mosquitto"}'],
        {
          stdio: 'ignore',
        },
      );
      const [code] = await once(child, 'exit');
      return code;
    };
    expect(await send(device.id, device.topic('telemetry'))).toBe(0);
    expect(await send(acme.account, device.topic('telemetry'))).not.toBe(0);
    await untilReadings(acme, bucket, 1);
    expect(await valuesIn(acme, bucket)).toEqual([{ by: 'mosquitto' }]);
  });
});

// These move the clock and let calls fail, hence last and one after the other.
describe('a device that was away', () => {
  it('for more than an hour, when AWS counts its connections anew, still shows as connected', async () => {
    const device = await makeDevice(acme, product);
    const until = async (connected: boolean) => {
      const state = await eventually(
        () => stateOf(device),
        (found) => found.connected === connected,
      );
      expect(state.connected).toBe(connected);
    };
    for (let times = 0; times < 2; times++) {
      const client = await connect(device);
      await until(true);
      await client.endAsync();
      await until(false);
    }
    await host.control('clock', { advance: 3_700_000 });
    acme = { ...acme, ...program(host.endpoints, await clientToken(host.endpoints, acme.client)) };
    const client = await connect(device);
    await until(true);
    await client.endAsync();
  });
});

describe('cutting off', () => {
  afterEach(() => host.control('heal'));
  const BELIEVED_MS = 15_000;
  const POLICY_CACHE_MS = 480_000;
  const PRESENCE_RETRY_MS = 180_000;
  const advance = (ms: number) => host.control('clock', { advance: ms });
  const keepConnections = () =>
    host.control('fail', {
      service: 'iotdata',
      action: 'DeleteConnection',
      code: 'InternalFailureException',
      status: 500,
    });

  it('a credential: its connection ends, it comes back no more, and the other one goes on', async () => {
    const device = await makeDevice(acme, product);
    const bucket = await makeBucket(acme, { device: device.id });
    const newer = await addCredential(device);
    const old = await connect(device);
    await publish(old, device.topic('telemetry'), { by: 'old' });
    await untilReadings(acme, bucket, 1);
    const remove = () => acme.delete(`/v1/devices/${device.id}/credentials/${device.credential.id}`);
    await Promise.all([ends(old), remove().then((answer) => made(answer, 204))]);
    const { items } = made(await acme.get(`/v1/devices/${device.id}/credentials`), 200);
    expect(items.map(({ id }: { id: string }) => id)).toEqual([newer.id]);
    expect((await remove()).status).toBe(404);

    // The policy cache still lets it in; then it is cut again.
    const back = await connect(device);
    await ends(back);
    await advance(POLICY_CACHE_MS);
    await expect(connect(device)).rejects.toThrow();

    const client = await connect(device, identity(newer));
    await publish(client, device.topic('telemetry'), { by: 'newer' });
    await untilReadings(acme, bucket, 2);
    expect(await valuesIn(acme, bucket)).toEqual([{ by: 'old' }, { by: 'newer' }]);
    await client.endAsync();
  });

  it('a credential: its data is refused after 15 seconds over a connection that could not be cut', async () => {
    const device = await makeDevice(acme, product);
    const bucket = await makeBucket(acme, { device: device.id });
    const client = await connect(device);
    await publish(client, device.topic('telemetry'), { sent: 'before' });
    await untilReadings(acme, bucket, 1);
    await keepConnections();
    const remove = () => acme.delete(`/v1/devices/${device.id}/credentials/${device.credential.id}`);
    expect((await remove()).status).toBeGreaterThanOrEqual(500);
    await advance(BELIEVED_MS);
    await publish(client, device.topic('telemetry'), { sent: 'after' });
    const [found] = await untilRejected(acme, 1, (message) => message.device === device.id);
    expect(found?.reason).toBe('unknown-device');
    expect(await valuesIn(acme, bucket)).toEqual([{ sent: 'before' }]);
    await host.control('heal');
    await Promise.all([ends(client), remove().then((answer) => made(answer, 204))]);
  });

  it('a device: its connection ends, and what it still sends is refused', async () => {
    const device = await makeDevice(acme, product);
    const client = await connect(device);
    await Promise.all([ends(client), acme.delete(`/v1/devices/${device.id}`).then((answer) => made(answer, 204))]);
    expect((await acme.get(`/v1/devices/${device.id}`)).status).toBe(404);

    const bucket = await makeBucket(acme, {});
    await keepConnections();
    const back = await connect(device);
    await publish(back, device.topic('telemetry'), { sent: 'after' });
    const [found] = await untilRejected(acme, 1, (message) => message.device === device.id);
    expect(found?.reason).toBe('unknown-device');
    expect(await valuesIn(acme, bucket)).toEqual([]);
    await host.control('heal');
    const ended = ends(back);
    await advance(PRESENCE_RETRY_MS);
    await ended;
  });

  it('waits for AWS, which detaches a certificate only after a moment', async () => {
    const device = await makeDevice(acme, product);
    const fault = {
      service: 'iot',
      action: 'DeleteCertificate',
      code: 'DeleteConflictException',
      status: 409,
      times: 1,
    };
    await host.control('fail', fault);
    made(await acme.delete(`/v1/devices/${device.id}/credentials/${device.credential.id}`), 204);
  });
});
