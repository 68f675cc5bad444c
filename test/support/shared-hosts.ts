/**
 * The desk where test files borrow a running host, in the process of the test run. A host is lent to one file at a time and goes on
 * to the next; there are as many as files run at once, and none before the first asks. What a file did to clock and faults is undone
 * when the host comes back. Whoever holds the connection has the host, so that a file that crashed gives it back, too.
 *
 * Each connection: the desk says `{"data": directory}` or `{"problem": text}`; the borrower says `return`, and the desk `{}` or
 * `{"problem": text}`, if the host ended meanwhile or called out. The hosts end with the desk, or with its process, however that ends.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type Host, startHost } from './host.ts';

/** A clock that was further away stays away: set back by days, a host would wait for days for what it planned. */
const SET_BACK_MS = 2 * 3600_000;
/** Functions' workers stay warm: what has met them all is replaced, lest two such hosts and the tests fill a small machine. */
const LARGEST_KB = 2_500_000;

/** Where it can be read: on Linux. */
function isLarge(pid: number): boolean {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) > LARGEST_KB;
  } catch {
    return false;
  }
}

/** `start` makes the hosts. Answers how to close: it ends them, and throws if one called out. */
export async function openDesk(file: string, start: () => Promise<Host> = startHost): Promise<() => Promise<void>> {
  const idle: Host[] = [];
  const hosts = new Set<Host>();

  async function lend(): Promise<Host> {
    const host = idle.pop() ?? (await start());
    hosts.add(host);
    return host;
  }

  /** Answers what is wrong with it. */
  async function takeBack(host: Host): Promise<string | undefined> {
    try {
      const ahead = (await host.advance(0)) - Date.now();
      if (host.calledOut() || Math.abs(ahead) > SET_BACK_MS || isLarge(host.endpoints.pid)) {
        hosts.delete(host);
        await host.dispose();
        return undefined;
      }
      await host.control('heal');
      await host.control('clock', { reset: true });
      idle.push(host);
      return undefined;
    } catch (error) {
      hosts.delete(host);
      await host.dispose().catch(() => undefined);
      return `The shared host is lost: ${error instanceof Error ? error.message : error}\n${host.output()}`;
    }
  }

  async function serve(socket: Socket): Promise<void> {
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const asked = new Promise<void>((resolve) => createInterface({ input: socket }).once('line', () => resolve()));
    const tell = (answer: { data?: string; problem?: string | undefined }) =>
      socket.write(`${JSON.stringify(answer)}\n`);
    try {
      const host = await lend();
      tell({ data: host.data });
      await Promise.race([asked, gone]);
      tell({ problem: await takeBack(host) });
    } catch (error) {
      tell({ problem: error instanceof Error ? error.message : String(error) });
    }
  }

  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    void serve(socket);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(file, resolve));
  return async () => {
    server.close();
    const ends = await Promise.allSettled([...hosts].map((host) => host.dispose()));
    const problems = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    if (problems.length > 0) throw new AggregateError(problems, problems.join('\n'));
  };
}
