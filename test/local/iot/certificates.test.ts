/** Certificates from keys and from requests, their life, and the listener's own. */
import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import type { webcrypto } from 'node:crypto';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import * as iot from '@aws-sdk/client-iot';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled } from '../../support/installed.ts';
import type { Laptop } from './laptop.ts';
import { registerDevice, startLaptop } from './laptop.ts';
import { POLICY } from './template.ts';

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop();
});
afterAll(() => laptop.stop());

type Algorithm = webcrypto.RsaHashedKeyGenParams | (webcrypto.EcKeyGenParams & { hash: string });
const rsa = (modulusLength: number, hash = 'SHA-256'): Algorithm => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash,
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
});
const ec = (namedCurve: string): Algorithm => ({ name: 'ECDSA', namedCurve, hash: 'SHA-256' });

async function signingRequest(algorithm: Algorithm) {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=my device',
    keys,
    signingAlgorithm: algorithm,
  });
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { csr, pem: csr.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}
const sign = (certificateSigningRequest: string) =>
  laptop.control.send(new iot.CreateCertificateFromCsrCommand({ certificateSigningRequest, setAsActive: true }));
const invalid = { name: 'InvalidRequestException', $metadata: { httpStatusCode: 400 } };

describe('a signing request', () => {
  it.each([
    ['RSA 2048', rsa(2048)],
    ['P-256', ec('P-256')],
    ['P-384', ec('P-384')],
  ])('with a key of %s becomes a certificate that connects', async (name, algorithm) => {
    const { pem, key } = await signingRequest(algorithm);
    const made = await sign(pem);
    const certificate = new X509Certificate(made.certificatePem ?? '');
    expect(made.certificateId).toBe(createHash('sha256').update(certificate.raw).digest('hex'));
    expect(certificate.subject).toBe('CN=my device');
    expect(made).not.toHaveProperty('keyPair');

    const thing = `csr-${name.replaceAll(' ', '-')}`;
    await registerDevice(laptop, thing);
    const principal = made.certificateArn;
    await laptop.control
      .send(new iot.AttachThingPrincipalCommand({ thingName: `${thing}`, principal }))
      .then(() =>
        laptop.connect({ client: thing, cert: made.certificatePem ?? '', key }).then((client) => client.endAsync()),
      );
  });

  it('with a weak key or hash is refused', async () => {
    for (const algorithm of [rsa(1024), ec('P-521'), rsa(2048, 'SHA-1')])
      await expect(sign((await signingRequest(algorithm)).pem)).rejects.toMatchObject(invalid);
  });

  it('with a wrong signature, or that is none, is refused', async () => {
    const { csr } = await signingRequest(ec('P-256'));
    const der = Buffer.from(csr.rawData);
    der[der.indexOf('my device')] = 'M'.charCodeAt(0);
    await expect(sign(x509.PemConverter.encode(der, 'CERTIFICATE REQUEST'))).rejects.toMatchObject(invalid);
    await expect(sign('hello')).rejects.toMatchObject(invalid);
    await expect(sign(readFileSync(laptop.caFile, 'utf8'))).rejects.toMatchObject(invalid);
  });
});

describe('generated keys', () => {
  const generate = () => laptop.control.send(new iot.CreateKeysAndCertificateCommand({ setAsActive: false }));

  it("come in AWS's forms and fit the certificate, which the CA file verifies", async () => {
    const made = await generate();
    expect(made.keyPair?.PrivateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    expect(made.keyPair?.PublicKey).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    const certificate = new X509Certificate(made.certificatePem ?? '');
    expect(certificate.publicKey.export({ type: 'spki', format: 'pem' })).toBe(made.keyPair?.PublicKey);
    expect(certificate.checkPrivateKey(createPrivateKey(made.keyPair?.PrivateKey ?? ''))).toBe(true);
    expect(certificate.verify(new X509Certificate(readFileSync(laptop.caFile)).publicKey)).toBe(true);
    await expect(
      laptop.control.send(new iot.DescribeCertificateCommand({ certificateId: made.certificateId })),
    ).resolves.toMatchObject({
      certificateDescription: {
        status: 'INACTIVE',
        certificatePem: made.certificatePem,
        validity: { notAfter: new Date('2049-12-31T23:59:59Z') },
      },
    });
  });

  it.runIf(isInstalled('openssl'))('and their certificate are read and verified by openssl, too', async () => {
    const made = await generate();
    const dir = mkdtempSync(join(tmpdir(), 'iot-pem-'));
    try {
      const file = join(dir, 'device.pem');
      writeFileSync(file, made.certificatePem ?? '');
      const verdict = execFileSync('openssl', ['verify', '-purpose', 'sslclient', '-CAfile', laptop.caFile, file]);
      expect(verdict.toString()).toContain('OK');
      expect(execFileSync('openssl', ['x509', '-in', file, '-noout', '-pubkey']).toString()).toBe(
        made.keyPair?.PublicKey,
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

it('a certificate is deleted only when it is inactive and free, and by force also with policies', async () => {
  const made = await laptop.control.send(new iot.CreateKeysAndCertificateCommand({ setAsActive: true }));
  const { certificateId, certificateArn: target } = made;
  const remove = (forceDelete?: boolean) =>
    laptop.control.send(new iot.DeleteCertificateCommand({ certificateId, forceDelete }));
  const conflict = { name: 'DeleteConflictException', $metadata: { httpStatusCode: 409 } };

  await expect(remove(true)).rejects.toMatchObject({ name: 'CertificateStateException' });
  await laptop.control.send(new iot.UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
  await laptop.control.send(new iot.CreateThingCommand({ thingName: 'holder' }));
  const pair = { thingName: 'holder', principal: target };
  await laptop.control.send(new iot.AttachThingPrincipalCommand(pair));
  await expect(remove(true)).rejects.toMatchObject(conflict);
  await laptop.control.send(new iot.DetachThingPrincipalCommand(pair));
  await laptop.control.send(new iot.AttachPolicyCommand({ policyName: POLICY, target }));
  await expect(remove()).rejects.toMatchObject(conflict);
  await remove(true);
  await expect(remove()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

describe("the laptop's own files", () => {
  const shown = (one: Laptop, cert: string, key: string) =>
    new Promise<string>((resolve, reject) => {
      const ca = readFileSync(one.caFile);
      const socket = connect({ port: one.port, host: '127.0.0.1', servername: 'localhost', ca, cert, key }, () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
        socket.destroy();
      });
      socket.on('error', reject);
    });

  it("are the owner's alone, stay at a restart, and the listener's certificate is renewed in its last 30 days", async () => {
    const first = await startLaptop();
    const { cert, key } = await registerDevice(first, 'dev-1');
    for (const file of ['ca.pem', 'ca-key.pem', 'server.pem', 'registry.sqlite'])
      expect(statSync(join(first.dir, file)).mode & 0o777, file).toBe(0o600);
    const ca = readFileSync(first.caFile, 'utf8');
    const before = await shown(first, cert, key);
    await first.stop({ keep: true });

    const seen: string[] = [];
    for (const days of [360, 370]) {
      const later = await startLaptop({ dir: first.dir, startsInDays: days });
      seen.push(await shown(later, cert, key));
      expect(readFileSync(later.caFile, 'utf8')).toBe(ca);
      await later.stop({ keep: true });
    }
    rmSync(first.dir, { recursive: true });
    expect(seen[0]).toBe(before);
    expect(seen[1]).not.toBe(before);
  });

  it.each(['ca.pem', 'ca-key.pem', 'server.pem', 'registry.sqlite'])('a damaged %s is named', async (file) => {
    const first = await startLaptop();
    await first.stop({ keep: true });
    for (const name of [file, `${file}-wal`, `${file}-shm`]) rmSync(join(first.dir, name), { force: true });
    writeFileSync(join(first.dir, file), 'x'.repeat(5000));
    await expect(startLaptop({ dir: first.dir })).rejects.toThrow(file);
    rmSync(first.dir, { recursive: true });
  });
});
