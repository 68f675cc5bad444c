/** Which ports the host listens on: asked for, kept from the last start, or the defaults, replaced by free ones if taken. */
import net from 'node:net';
import { Refusal } from './refusal.ts';

/** `door` is the front door of AWS calls: only functions know it. */
export type PortName = 'api' | 'auth' | 'mqtt' | 'door';
export type Ports = Readonly<Record<PortName, number>>;

const DEFAULTS: Ports = { api: 8400, auth: 8401, mqtt: 8883, door: 8402 };
const OPTION: Readonly<Record<PortName, string>> = {
  api: '--port',
  auth: '--auth-port',
  mqtt: '--mqtt-port',
  door: '',
};
const MEANING: Readonly<Record<PortName, string>> = { api: 'API', auth: 'OAuth', mqtt: 'MQTT', door: 'AWS calls' };
const LOOPBACK = '127.0.0.1';

export async function choosePorts(
  asked: Partial<Ports>,
  kept: Partial<Ports>,
  say: (message: string) => void,
  defaults: Ports = DEFAULTS,
): Promise<Ports> {
  const held: net.Server[] = [];
  const hold = async (port: number): Promise<number> => {
    const server = await listen(port);
    held.push(server);
    return portOf(server);
  };
  const choose = async (name: PortName): Promise<number> => {
    const wanted = asked[name];
    if (wanted) {
      return hold(wanted).catch((error: unknown) => {
        throw new Refusal(`Port ${wanted}, asked for with ${OPTION[name]}, ${reason(error)}.`, 1, { cause: error });
      });
    }
    // Nobody asks for the front door's port: it goes with the API's, or two hosts that start at once could choose the same.
    const any = wanted === 0 || (name === 'door' && asked.api === 0);
    const usual = kept[name] ?? (any ? 0 : defaults[name]);
    return hold(usual).catch(async (error: unknown) => {
      const free = await hold(0);
      // Nobody but functions knows the front door.
      if (name !== 'door') say(`Port ${usual} (${MEANING[name]}) ${reason(error)}: using ${free} instead.`);
      return free;
    });
  };
  try {
    // What was asked for goes first, so that no default stands in its way.
    const names = (Object.keys(defaults) as PortName[]).toSorted((a, b) => Number(!asked[a]) - Number(!asked[b]));
    const chosen: [PortName, number][] = [];
    for (const name of names) chosen.push([name, await choose(name)]);
    return Object.fromEntries(chosen) as Ports;
  } finally {
    await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  }
}

function listen(port: number): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => resolve(server));
  });
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listener without a port');
  return address.port;
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'EADDRINUSE') return 'is taken';
  return code === 'EACCES' ? 'needs more rights than you have' : `can't be used (${code})`;
}
