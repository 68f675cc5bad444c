/** The only way in for devices: mutual TLS on loopback. What doesn't speak TLS, or shows no certificate of ours, is cut. */
import type { Server, TLSSocket } from 'node:tls';
import { createServer } from 'node:tls';
import type { ServerCertificate } from '../pki/server-certificate.ts';
import type { TlsVersions } from '../providers/domain-configuration.ts';
import { certificateId } from '../registry/certificates.ts';
import type { Peer } from './connections.ts';

/** MQTT with a client certificate on a shared port; without ALPN it is MQTT too. */
const ALPN = 'x-amzn-mqtt-ca';
const HANDSHAKE_MS = 10_000;

export interface Listener {
  readonly port: number;
  use(certificate: ServerCertificate): void;
  close(): Promise<void>;
}

export async function listenForDevices({
  port,
  ca,
  certificate,
  versions,
  accept,
  log,
}: {
  port: number;
  ca: string;
  certificate: ServerCertificate;
  versions: TlsVersions;
  accept: (peer: Peer) => void;
  log: (message: string) => void;
}): Promise<Listener> {
  const sockets = new Set<TLSSocket>();
  const server = createServer({
    ...certificate,
    ...versions,
    ca,
    requestCert: true,
    rejectUnauthorized: true,
    ALPNProtocols: [ALPN],
    handshakeTimeout: HANDSHAKE_MS,
  });
  server.on('tlsClientError', (error, socket) => {
    log(`a TLS handshake failed: ${'code' in error ? error.code : error.message}`);
    socket.destroy();
  });
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const der = socket.getPeerX509Certificate()?.raw;
    if (!der || !socket.authorized) return void socket.destroy();
    accept({ certificate: certificateId(der), ip: socket.remoteAddress ?? '', socket });
  });
  await listen(server, port);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the MQTT listener has no port');

  return {
    port: address.port,
    use: (renewed) => server.setSecureContext({ ...renewed, ...versions, ca }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const listen = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
