/** The gateway's port on loopback, in both address families where there are two: `localhost` may mean either. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayResponse } from './request/function-response.ts';

/** Above the gateway's own limit, so that the gateway gives the answer. */
const HEAD_LIMIT = 65_536;

export type Handle = (incoming: IncomingMessage) => Promise<GatewayResponse>;

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Rejects if the port is taken on `host`. A missing IPv6 is no error. */
export async function listen(handle: Handle, { port, host }: { port: number; host: string }): Promise<Listener> {
  const create = () =>
    createServer({ maxHeaderSize: HEAD_LIMIT }, (incoming, outgoing) => answer(handle, incoming, outgoing));
  const main = create();
  await bind(main, port, host);
  const bound = (main.address() as AddressInfo).port;
  const servers = [main];
  if (host === '127.0.0.1') {
    const second = create();
    await bind(second, bound, '::1').then(
      () => servers.push(second),
      () => second.close(),
    );
  }
  return {
    port: bound,
    async close() {
      await Promise.all(servers.map(stop));
    },
  };
}

async function answer(handle: Handle, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { status, headers, body } = await handle(incoming);
  if (outgoing.destroyed) return;
  // What wasn't read of the body would be taken for the next request.
  if (!incoming.complete) outgoing.setHeader('connection', 'close');
  for (const [name, value] of Object.entries(headers)) {
    try {
      outgoing.setHeader(name, value);
    } catch {
      // A header that HTTP can't carry; a proxy drops it, too.
    }
  }
  const empty = status === 204 || status === 304;
  if (!empty) outgoing.setHeader('content-length', body.length);
  outgoing.writeHead(status);
  outgoing.end(empty || incoming.method === 'HEAD' ? undefined : body);
  if (!incoming.complete) outgoing.once('finish', () => incoming.resume());
}

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
