/**
 * The control socket of `--control FILE`: what a test may do to the instance that nobody can do on AWS. Newline-delimited JSON,
 * `{id, command, …}` in, `{id, ok}` or `{id, error}` out. Nothing of it is known to functions.
 */
import { rmSync, statSync } from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import type { HostClock } from './clock.ts';
import { messageOf, Refusal } from './refusal.ts';

const id = z.union([z.string(), z.number()]).optional();

const requestSchema = z.discriminatedUnion('command', [
  z.strictObject({ id, command: z.literal('ping') }),
  z
    .strictObject({
      id,
      command: z.literal('clock'),
      set: z.union([z.int(), z.iso.datetime({ offset: true })]).optional(),
      /** Milliseconds, backwards if negative. */
      advance: z.int().optional(),
      reset: z.literal(true).optional(),
    })
    .refine(({ set, advance, reset }) => [set, advance, reset].filter((given) => given !== undefined).length === 1, {
      error: 'one of set, advance and reset',
    }),
  z.strictObject({
    id,
    command: z.literal('fail'),
    service: z.string(),
    action: z.string(),
    code: z.string(),
    status: z.int().min(400).max(599).optional(),
    /** How often; absent: until `heal`. */
    times: z.int().positive().optional(),
    /** `after`: the call takes effect, and its answer is lost. Default: before. */
    when: z.enum(['before', 'after']).optional(),
  }),
  z.strictObject({ id, command: z.literal('heal') }),
  z.strictObject({ id, command: z.literal('kill-worker'), function: z.string() }),
  z.strictObject({ id, command: z.literal('reap') }),
  z.strictObject({ id, command: z.literal('schedule'), name: z.string() }),
]);
type Request = z.output<typeof requestSchema>;
export type Fault = Omit<Extract<Request, { command: 'fail' }>, 'id' | 'command'>;

export interface Controlled {
  readonly clock: HostClock;
  /** Called after the clock was moved. */
  clockMoved(): void;
  fail(fault: Fault): void;
  heal(): void;
  /** Answers how many workers were killed. */
  killWorkers(functionName: string): Promise<number> | number;
  /** Removes expired items now; answers how many. */
  reap(): Promise<number>;
  /** Runs a schedule now; answers how many there were by that name. */
  runSchedule(name: string): number;
}

export async function listenForControl(file: string, controlled: Controlled): Promise<() => Promise<void>> {
  removeStale(file);
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy()));
    createInterface({ input: socket }).on('line', async (line) => {
      const answer = await answerTo(line, controlled);
      if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
    });
  });
  // The socket is born with mode 0600: changing it afterwards would leave a moment for others.
  const umask = process.platform === 'win32' ? undefined : process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(file, resolve);
    });
  } catch (error) {
    throw new Refusal(`The control socket ${file} can't be opened: ${messageOf(error)}`, 1, { cause: error });
  } finally {
    if (umask !== undefined) process.umask(umask);
  }
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  };
}

/** What a killed host left. Another kind of file is somebody's own. */
function removeStale(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found && !found.isSocket())
    throw new Refusal(`${file} exists and is no socket: choose another file for --control.`);
  if (found) rmSync(file);
}

async function answerTo(line: string, controlled: Controlled): Promise<Record<string, unknown>> {
  let requestId: unknown;
  try {
    const input: unknown = JSON.parse(line);
    requestId = z.looseObject({ id }).safeParse(input).data?.id;
    const request = requestSchema.safeParse(input);
    if (!request.success) return { id: requestId, error: z.prettifyError(request.error) };
    return { id: requestId, ok: await run(request.data, controlled) };
  } catch (error) {
    return { id: requestId, error: messageOf(error) };
  }
}

async function run(request: Request, controlled: Controlled): Promise<unknown> {
  switch (request.command) {
    case 'ping':
      return { pid: process.pid };
    case 'clock':
      moveClock(request, controlled.clock);
      controlled.clockMoved();
      return { now: controlled.clock.now() };
    case 'fail': {
      const { id: _, command: __, ...fault } = request;
      controlled.fail(fault);
      return {};
    }
    case 'heal':
      controlled.heal();
      return {};
    case 'kill-worker':
      return { killed: await controlled.killWorkers(request.function) };
    case 'reap':
      return { removed: await controlled.reap() };
    case 'schedule':
      return { run: controlled.runSchedule(request.name) };
  }
}

function moveClock({ set, advance }: Extract<Request, { command: 'clock' }>, clock: HostClock): void {
  if (set !== undefined) clock.set(typeof set === 'number' ? set : Date.parse(set));
  else if (advance !== undefined) clock.advance(advance);
  else clock.reset();
}
