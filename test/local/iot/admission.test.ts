/** Who gets in: each refusal provoked by a real MQTT client over mutual TLS, or by a socket that speaks neither. */
import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { DetachThingPrincipalCommand, UpdateCertificateCommand } from '@aws-sdk/client-iot';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device, Laptop } from './laptop.ts';
import { closed, registerDevice, startLaptop } from './laptop.ts';
import { devicePolicy, domain, ingestRule, POLICY, presenceRule } from './template.ts';

let laptop: Laptop;
let device: Device;
let other: Device;

beforeAll(async () => {
  laptop = await startLaptop({
    resources: [devicePolicy, ingestRule, presenceRule, domain('IoTSecurityPolicy_TLS12_1_2_2022_10')],
  });
  [device, other] = await Promise.all([registerDevice(laptop, 'dev-1'), registerDevice(laptop, 'dev-2')]);
});
afterAll(() => laptop.stop());

async function foreignCertificate(): Promise<{ cert: string; key: string }> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=foreign', keys });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert: cert.toString('pem'), key };
}

describe('connecting', () => {
  it('lets a registered device in as itself', async () => {
    const client = await laptop.connect(device);
    await client.publishAsync(`dt/${device.prefix}/telemetry`, '{"t":1}', { qos: 1 });
    expect(laptop.queues.bodies('ingest').at(-1)).toContain(device.certificateId);
    await client.endAsync();
  });

  it('refuses the client id of another thing', async () => {
    await expect(laptop.connect({ ...device, client: other.client })).rejects.toThrow(/Not authorized/);
    await expect(laptop.connect({ ...device, client: '' }, { clean: true })).rejects.toThrow(/Not authorized/);
  });

  it('refuses an inactive certificate and one that belongs to no thing', async () => {
    const inactive = await registerDevice(laptop, 'dev-inactive');
    const { certificateId } = inactive;
    await laptop.control.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
    await expect(laptop.connect(inactive)).rejects.toThrow(/Not authorized/);

    await laptop.control.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }));
    await laptop.control.send(
      new DetachThingPrincipalCommand({ thingName: 'dev-inactive', principal: inactive.certificateArn }),
    );
    await expect(laptop.connect(inactive)).rejects.toThrow(/Not authorized/);
  });

  it('refuses a certificate of another authority, and none at all', async () => {
    await expect(laptop.connect({ ...(await foreignCertificate()), client: device.client })).rejects.toThrow();
    await expect(laptop.connect({ ...device, cert: '', key: '' })).rejects.toThrow();
  });

  it("refuses a certificate without its key's holder", async () => {
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs1' });
    await expect(laptop.connect({ ...device, key: key.toString() })).rejects.toThrow();
  });

  it('has no plaintext MQTT: a CONNECT in the clear is answered with nothing but the end', async () => {
    const connectPacket = Buffer.from('101100044d5154540402003c00056465762d31', 'hex');
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connectTcp(laptop.port, '127.0.0.1', () => socket.write(connectPacket));
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('close', () => resolve(Buffer.concat(chunks)));
      socket.on('error', (error: NodeJS.ErrnoException) => error.code !== 'ECONNRESET' && reject(error));
    });
    // At most a TLS alert (0x15), never a CONNACK (0x20).
    expect(answer[0] ?? 0x15).toBe(0x15);
    expect(laptop.lines.some((line) => line.startsWith('a TLS handshake failed'))).toBe(true);
  });

  it("speaks the TLS version of the template's policy and no other", async () => {
    const client = await laptop.connect(device, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
    await client.endAsync();
    await expect(laptop.connect(device, { minVersion: 'TLSv1.3' })).rejects.toThrow();
    await expect(laptop.connect(device, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow();
  });

  it("takes AWS's ALPN name for MQTT on a shared port, and no unknown one", async () => {
    const client = await laptop.connect(device, { ALPNProtocols: ['x-amzn-mqtt-ca'] });
    await client.endAsync();
    await expect(laptop.connect(device, { ALPNProtocols: ['http/1.1'] })).rejects.toThrow();
  });

  it('shows a certificate for localhost and both loopback addresses', async () => {
    const { cert, key } = device;
    for (const servername of ['localhost', '']) {
      const socket = connectTls({
        port: laptop.port,
        host: '127.0.0.1',
        ca: readFileSync(laptop.caFile),
        cert,
        key,
        servername,
      });
      const names = await new Promise((resolve, reject) => {
        socket.once('secureConnect', () => resolve(socket.getPeerX509Certificate()?.subjectAltName));
        socket.once('error', reject);
      });
      expect(names).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
      socket.destroy();
    }
  });

  it('keeps the newer of two connections with one client id', async () => {
    const older = await laptop.connect(device);
    const gone = closed(older);
    const newer = await laptop.connect(device);
    await gone;
    await newer.publishAsync(`dt/${device.prefix}/telemetry`, '1', { qos: 1 });
    await newer.endAsync();
  });

  it('shortens a keep-alive over 1200 s instead of refusing it', async () => {
    const client = await laptop.connect(device, { keepalive: 3600 });
    await client.endAsync();
  });
});

it('stops the boot for a policy that it can not read', async () => {
  const properties = { PolicyName: POLICY, PolicyDocument: { Statement: [{ Effect: 'Perhaps' }] } };
  await expect(laptop.provision({ ...devicePolicy, properties })).rejects.toThrow(/malformed policy/);
});

it('stops the boot for a TLS policy older than 1.2 and for a second domain', async () => {
  await expect(laptop.provision(domain('IoTSecurityPolicy_TLS12_1_0_2016_01'))).rejects.toThrow(/SecurityPolicy/);
  const second = { ...domain('IoTSecurityPolicy_TLS12_1_2_2022_10'), logicalId: 'Second' };
  await expect(laptop.provision(second)).rejects.toThrow(/second/);
});
