/** The authority behind the MQTT endpoint's certificate, for devices to trust: Amazon Root CA 1, out of the runtime's own roots. */
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

const SUBJECT = 'CN=Amazon Root CA 1';

export function amazonRootCa(): string {
  const pem = rootCertificates.find((root) => new X509Certificate(root).subject.includes(SUBJECT));
  if (!pem) throw new Error('This runtime does not know Amazon Root CA 1.');
  return `${pem.trim()}\n`;
}
