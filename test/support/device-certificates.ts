/** Keys and certificates that a device, or somebody who would like to be one, makes for itself. */
import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
const pemOf = (key: webcrypto.CryptoKey) => KeyObject.from(key).export({ format: 'pem', type: 'pkcs8' }).toString();

/** A certificate signing request, with the key that stays with the device. */
export async function signingRequest(name = 'CN=thermometer'): Promise<{ csr: string; key: string }> {
  const keys = await newKeys();
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: ALGORITHM });
  return { csr: csr.toString('pem'), key: pemOf(keys.privateKey) };
}

/** A certificate of nobody's authority, valid in itself. */
export async function foreignCertificate(name: string): Promise<{ cert: string; key: string }> {
  const keys = await newKeys();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2049-12-31T00:00:00Z'),
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  });
  return { cert: cert.toString('pem'), key: pemOf(keys.privateKey) };
}
