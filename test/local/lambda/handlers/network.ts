/** Tries to leave the machine in every way that a library might. */
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';

/** An address for documentation: nobody has it. */
const OUTSIDE = '192.0.2.1';

const fails = (open: (report: (error: Error) => void) => void) =>
  new Promise<string>((resolve) => {
    const report = (error: Error) => resolve(error.name);
    try {
      open(report);
    } catch (error) {
      report(error instanceof Error ? error : new Error(String(error)));
    }
  });

export const leave = async () => ({
  net: await fails((report) => net.connect(443, OUTSIDE).on('error', report)),
  netOptions: await fails((report) => net.connect({ host: OUTSIDE, port: 443 }).on('error', report)),
  socket: await fails((report) => new net.Socket().on('error', report).connect({ host: OUTSIDE, port: 1 })),
  ipv6: await fails((report) => net.connect({ host: '2001:db8::1', port: 443 }).on('error', report)),
  ownLookup: await fails((report) =>
    net
      .connect({ host: 'localhost', port: 443, lookup: (_host, _options, done) => done(null, OUTSIDE, 4) })
      .on('error', report),
  ),
  tls: await fails((report) => tls.connect({ host: OUTSIDE, port: 443 }).on('error', report)),
  http: await fails((report) => http.get(`http://${OUTSIDE}/`).on('error', report)),
  http2: await fails((report) => http2.connect(`https://${OUTSIDE}/`).on('error', report)),
  fetch: await fetch(`http://${OUTSIDE}/`).then(
    () => 'connected',
    (error) => error.cause?.name,
  ),
  lookup: await fails((report) => dns.lookup('aws.example', (error) => report(error ?? new Error('resolved')))),
  lookupPromise: await dns.promises.lookup('aws.example').then(
    () => 'resolved',
    (error) => error.name,
  ),
  resolve: await fails((report) => dns.resolve4('aws.example', (error) => report(error ?? new Error('resolved')))),
  udp: await fails((report) => dgram.createSocket('udp4').on('error', report).send('x', 53, OUTSIDE)),
  process: await fails((report) => spawn('true').on('error', report)),
});

export const stay = async (event: { url: string; port: number }) => ({
  fetch: await (await fetch(event.url)).text(),
  named: await (await fetch(event.url.replace('127.0.0.1', 'localhost'))).text(),
  net: await new Promise((resolve, reject) => {
    const socket = net.connect({ port: event.port, host: '127.0.0.1' }, () => resolve(socket.end() && 'connected'));
    socket.on('error', reject);
  }),
});
