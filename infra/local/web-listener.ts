/** A plain HTTP listener on the loopback interface: the API and the OAuth endpoints. */
import { createServer, type RequestListener } from 'node:http';
import { messageOf, Refusal } from './refusal.ts';

/** Answers what closes it; calls in flight are cut. */
export function listenForWeb(port: number, handler: RequestListener): Promise<() => Promise<void>> {
  const server = createServer(handler);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Refusal(`Port ${port} can't be used: ${messageOf(error)}`));
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail);
      resolve(close);
    });
  });
}
