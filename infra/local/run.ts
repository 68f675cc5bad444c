/** The laptop host as a process: options, signals, errors and its end. */
import { welcome } from './endpoints.ts';
import { type Host, startHost } from './host.ts';
import { readOptions, USAGE } from './options.ts';
import { whenParentEnds } from './parent.ts';
import { Refusal } from './refusal.ts';

/** A clean stop must end within two seconds; whatever still hangs then survives it as it would survive `kill -9`. */
const STOP_LIMIT_MS = 1_500;

/** Never rejects: what goes wrong is told, and becomes the exit code. */
export async function runHost(args: readonly string[], projectRoot: string): Promise<void> {
  const booting = new AbortController();
  let host: Host | undefined;
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref();
    booting.abort();
    await host?.close();
    process.exit(0);
  };
  process.on('uncaughtException', fail);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  whenParentEnds(stop);

  try {
    const options = readOptions(args);
    if (options === 'help') {
      say(USAGE);
      return;
    }
    host = await startHost({ ...options, projectRoot, say, signal: booting.signal });
    say(welcome(host.endpoints, host.endpointsFile));
  } catch (error) {
    if (!stopping) fail(error);
  }
}

const say = (message: string) => console.log(message);

function fail(error: unknown): never {
  if (error instanceof Refusal) console.error(error.message);
  else console.error(`The host failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exit(error instanceof Refusal ? error.exitCode : 1);
}
