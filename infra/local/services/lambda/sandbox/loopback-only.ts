/**
 * A function on the laptop can never call AWS, nor anyone else: in its worker, sockets open to loopback only, names resolve
 * to loopback only, and no process is started that could do otherwise. It guards against mistakes (a client built with an
 * endpoint of its own, a forgotten URL), not against code that fights it.
 */
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net, { type LookupFunction } from 'node:net';

const LOOPBACK = new net.BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

export class OutsideConnectionRefused extends Error {
  readonly code = 'ERR_OUTSIDE_CONNECTION';
  constructor(target: string) {
    super(`A function on the laptop host connects to this machine only, not to ${target}`);
    this.name = 'OutsideConnectionRefused';
  }
}

/** IPv4-mapped IPv6 addresses count as what they map to. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (name === '' || name === 'localhost' || name.endsWith('.localhost')) return true;
  const family = net.isIP(name);
  return family !== 0 && LOOPBACK.check(name, family === 4 ? 'ipv4' : 'ipv6');
}

/** The host of any form of `socket.connect` arguments; undefined for a local pipe. */
function hostOf(args: readonly unknown[]): { host: string; lookup?: unknown } | undefined {
  // `net.connect` hands over its arguments already normalized: one array of [options, callback].
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'object' && first !== null) {
    if ('path' in first && first.path) return undefined;
    const host = 'host' in first && typeof first.host === 'string' ? first.host : 'localhost';
    return { host, ...('lookup' in first && first.lookup ? { lookup: first.lookup } : {}) };
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return undefined;
  return { host: typeof second === 'string' ? second : 'localhost' };
}

const refuse = (what: string) => () => {
  throw new OutsideConnectionRefused(what);
};

/** Call it once, before any other code of the worker runs. */
export function allowLoopbackOnly(): void {
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function guarded(this: net.Socket, ...args: unknown[]) {
    const target = hostOf(args);
    // A lookup of the caller's own could answer any address to a harmless name.
    if (target && (!isLoopback(target.host) || (target.lookup && target.lookup !== dns.lookup))) {
      const error = new OutsideConnectionRefused(target.host);
      process.nextTick(() => this.destroy(error));
      return this;
    }
    return Reflect.apply(connect, this, args);
  };

  const { lookup } = dns;
  const guardedLookup = (host: string, ...rest: unknown[]) => {
    if (isLoopback(host)) return Reflect.apply(lookup, dns, [host, ...rest]);
    const callback = rest.at(-1);
    if (typeof callback === 'function') process.nextTick(() => callback(new OutsideConnectionRefused(host)));
    return undefined;
  };
  Object.assign(dns, { lookup: guardedLookup satisfies LookupFunction });
  const lookupPromise = dns.promises.lookup;
  Object.assign(dns.promises, {
    lookup: async (host: string, ...rest: unknown[]) => {
      if (!isLoopback(host)) throw new OutsideConnectionRefused(host);
      return Reflect.apply(lookupPromise, dns.promises, [host, ...rest]);
    },
  });
  for (const module of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(module)) {
      if (/^(resolve|reverse)/.test(name)) Object.assign(module, { [name]: refuse('a name server') });
    }
  }
  for (const name of ['connect', 'send'] as const) {
    Object.assign(dgram.Socket.prototype, { [name]: refuse('a UDP address') });
  }
  for (const name of ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'] as const) {
    Object.assign(childProcess, { [name]: refuse('another process') });
  }
  syncBuiltinESMExports();
}
