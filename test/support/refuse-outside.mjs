// Preloaded into every process of a host under test: a socket to anywhere but this machine is refused and said on stderr, so that the
// whole system suite shows that the laptop calls nobody. Plain JavaScript, so that any Node can preload it.
import net from 'node:net';

const OURS = /^(localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/i;
const { connect } = net.Socket.prototype;

net.Socket.prototype.connect = function guarded(...args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const options = typeof first === 'object' && first !== null ? first : { port: first, host: second };
  const isPipe = Boolean(options.path) || (typeof first === 'string' && !/^\d+$/.test(first));
  const host = typeof options.host === 'string' ? options.host : 'localhost';
  if (isPipe || OURS.test(host)) return Reflect.apply(connect, this, args);
  process.stderr.write(`OUTSIDE CONNECTION REFUSED: ${host}\n`);
  process.nextTick(() => this.destroy(new Error(`An outside connection was refused: ${host}`)));
  return this;
};
