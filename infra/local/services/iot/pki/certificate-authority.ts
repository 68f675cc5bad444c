/**
 * The laptop's own certificate authority. It signs device certificates and the listener's; its key never leaves `dir`.
 *
 * Every validity begins with the authority's own: TLS stacks check it against the machine's clock, which a moved test clock
 * doesn't reach, so that a certificate of "now" could be refused as one of the future.
 */
import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { writePrivately } from './private-file.ts';

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const FIRST_DAY = new Date('2020-01-01T00:00:00Z');
/** As AWS's own device certificates. */
const LAST_DAY = new Date('2049-12-31T23:59:59Z');

type KeyUse = 'device' | 'server';
interface CertificateRequest {
  readonly subject: string;
  readonly publicKey: x509.PublicKeyType;
  readonly use: KeyUse;
  readonly notAfter?: Date;
  readonly extensions?: readonly x509.Extension[];
}
export interface CertificateAuthority {
  readonly pem: string;
  readonly file: string;
  issue(request: CertificateRequest): Promise<string>;
}

const EXTENDED_USE = { device: x509.ExtendedKeyUsage.clientAuth, server: x509.ExtendedKeyUsage.serverAuth } as const;

export async function openCertificateAuthority(dir: string): Promise<CertificateAuthority> {
  const file = join(dir, 'ca.pem');
  const keyFile = join(dir, 'ca-key.pem');
  // The certificate is written last: where it stands, its key does too.
  if (!existsSync(file)) await create(file, keyFile);
  const { certificate, signingKey } = await load(file, keyFile);

  return {
    file,
    pem: certificate.toString('pem'),
    issue: async ({ subject, publicKey, use, notAfter = LAST_DAY, extensions = [] }) => {
      const issued = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject,
        issuer: certificate.subject,
        notBefore: FIRST_DAY,
        notAfter,
        signingAlgorithm: KEY_ALGORITHM,
        publicKey,
        signingKey,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([EXTENDED_USE[use]]),
          await x509.AuthorityKeyIdentifierExtension.create(certificate),
          ...extensions,
        ],
      });
      return `${issued.toString('pem')}\n`;
    },
  };
}

async function create(file: string, keyFile: string): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=Laptop IoT CA ${randomBytes(4).toString('hex')}`,
    notBefore: FIRST_DAY,
    notAfter: LAST_DAY,
    signingAlgorithm: KEY_ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  writePrivately(keyFile, `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`);
  writePrivately(file, `${certificate.toString('pem')}\n`);
}

async function load(file: string, keyFile: string) {
  try {
    const certificate = new x509.X509Certificate(readFileSync(file, 'utf8'));
    const pkcs8 = createPrivateKey(readFileSync(keyFile, 'utf8')).export({ format: 'der', type: 'pkcs8' });
    const signingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, KEY_ALGORITHM, false, ['sign']);
    return { certificate, signingKey };
  } catch (cause) {
    throw new Error(`${file} or ${keyFile} is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Positive, as RFC 5280 wants it. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
