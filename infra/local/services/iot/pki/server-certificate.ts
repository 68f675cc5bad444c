/** The listener's certificate for this machine's own names, renewed before it ends. Key and certificate are one file. */
import 'reflect-metadata';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../../../contract.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { writePrivately } from './private-file.ts';

const DAY = 86_400_000;
/** What Apple's and other stacks accept at most is 398 days. */
const LIFE = 397 * DAY;
const RENEW_BEFORE_END = 30 * DAY;

export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

/** Answers the certificate in use, or a new one if it is about to end. */
export async function currentServerCertificate(
  dir: string,
  { ca, clock }: { ca: CertificateAuthority; clock: Clock },
): Promise<ServerCertificate> {
  const file = join(dir, 'server.pem');
  const existing = existsSync(file) ? read(file, ca) : undefined;
  if (existing && existing.endsAt - clock.now() > RENEW_BEFORE_END) return existing;

  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const cert = await ca.issue({
    subject: 'CN=localhost',
    publicKey: keys.publicKey,
    use: 'server',
    notAfter: new Date(clock.now() + LIFE),
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`;
  writePrivately(file, key + cert);
  return { key, cert };
}

/** `undefined` for one that another authority signed: that of an earlier data directory. */
function read(file: string, ca: CertificateAuthority): (ServerCertificate & { endsAt: number }) | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const key = createPrivateKey(text).export({ format: 'pem', type: 'pkcs8' }).toString();
    const certificate = new X509Certificate(text);
    if (!certificate.verify(new X509Certificate(ca.pem).publicKey)) return undefined;
    return { key, cert: certificate.toString(), endsAt: Date.parse(certificate.validTo) };
  } catch (cause) {
    throw new Error(`${file} is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
