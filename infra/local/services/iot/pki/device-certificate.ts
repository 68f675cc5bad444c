/** Device certificates: for a key pair made here, as AWS does it, or for a device's own signing request. */
import 'reflect-metadata';
import { createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import * as x509 from '@peculiar/x509';
import { invalidRequest } from '../errors.ts';
import type { CertificateAuthority } from './certificate-authority.ts';

const SUBJECT = 'CN=AWS IoT Certificate';
const LEAST_RSA_BITS = 2048;
const CURVES = ['prime256v1', 'secp384r1'];
const HASHES = ['SHA-256', 'SHA-384', 'SHA-512'];

const newKeyPair = promisify(generateKeyPair);

/** A 2048-bit RSA pair in the PEM forms that AWS hands out. */
export async function certificateWithKeys(ca: CertificateAuthority) {
  const { publicKey, privateKey } = await newKeyPair('rsa', { modulusLength: LEAST_RSA_BITS });
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return {
    pem: await ca.issue({ subject: SUBJECT, publicKey: new x509.PublicKey(der), use: 'device' }),
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
  };
}

export async function certificateFromRequest(ca: CertificateAuthority, csrPem: string): Promise<string> {
  const csr = await verified(csrPem);
  refuseWeakKey(csr);
  return ca.issue({ subject: csr.subject || SUBJECT, publicKey: csr.publicKey, use: 'device' });
}

async function verified(csrPem: string): Promise<x509.Pkcs10CertificateRequest> {
  let csr: x509.Pkcs10CertificateRequest;
  let genuine: boolean;
  try {
    csr = new x509.Pkcs10CertificateRequest(csrPem);
    genuine = await csr.verify();
  } catch {
    throw invalidRequest('The certificate signing request can not be read.');
  }
  if (!genuine) throw invalidRequest('The signature of the certificate signing request is wrong.');
  const hash = csr.signatureAlgorithm.hash.name;
  if (!HASHES.includes(hash)) throw invalidRequest(`The certificate signing request is signed with ${hash}.`);
  return csr;
}

function refuseWeakKey(csr: x509.Pkcs10CertificateRequest): void {
  const key = createPublicKey({ key: Buffer.from(csr.publicKey.rawData), format: 'der', type: 'spki' });
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const strong =
    (key.asymmetricKeyType === 'rsa' && modulusLength >= LEAST_RSA_BITS) ||
    (key.asymmetricKeyType === 'ec' && CURVES.includes(namedCurve));
  if (!strong)
    throw invalidRequest(`A key must be RSA of ${LEAST_RSA_BITS} bits or more, or on the curve P-256 or P-384.`);
}
