import { statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { hostClock } from '../../../infra/local/clock.ts';
import { type Fault, listenForControl } from '../../../infra/local/control.ts';
import { temporaryFolder } from './fixture.ts';

/** A control socket, and a client that answers the reply to each line. */
async function control() {
  const file = path.join(temporaryFolder(), 'control');
  const faults: Fault[] = [];
  const clock = hostClock();
  let moves = 0;
  const close = await listenForControl(file, {
    clock,
    clockMoved: () => {
      moves += 1;
    },
    fail: (fault) => void faults.push(fault),
    heal: () => void faults.splice(0),
    killWorkers: (name) => {
      if (name !== 'ingest') throw new Error(`there is no function ${name}`);
      return 2;
    },
    reap: async () => 7,
    runSchedule: (name) => (name === 'sweep' ? 1 : 0),
  });
  onTestFinished(close);
  const socket = net.connect(file);
  onTestFinished(() => void socket.destroy());
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const sendLine = async (line: string): Promise<unknown> => {
    socket.write(`${line}\n`);
    return JSON.parse((await lines.next()).value ?? 'null');
  };
  return {
    file,
    clock,
    faults,
    moves: () => moves,
    sendLine,
    send: (request: object) => sendLine(JSON.stringify(request)),
  };
}

test('the clock is set, advanced and reset, and everyone hears of it', async () => {
  const { clock, send, moves } = await control();
  await send({ id: 1, command: 'clock', set: '2031-03-30T00:59:59Z' });
  expect(clock.now()).toBeGreaterThanOrEqual(Date.parse('2031-03-30T00:59:59Z'));
  expect(clock.now()).toBeLessThan(Date.parse('2031-03-30T01:00:30Z'));
  await send({ id: 2, command: 'clock', advance: 86_400_000 });
  expect(new Date(clock.now()).toISOString()).toMatch(/^2031-03-31T0[01]:/);
  await send({ id: 3, command: 'clock', reset: true });
  expect(clock.offset()).toBe(0);
  expect(moves()).toBe(3);
});

test('faults, kills and reaping reach the host; each answer carries the id of its request', async () => {
  const { faults, send } = await control();
  const fault = { service: 'dynamodb', action: 'PutItem', code: 'InternalServerError', status: 500, times: 2 };
  expect(await send({ id: 'a', command: 'fail', ...fault })).toEqual({ id: 'a', ok: {} });
  expect(faults).toEqual([fault]);
  expect(await send({ id: 'b', command: 'heal' })).toEqual({ id: 'b', ok: {} });
  expect(faults).toEqual([]);
  expect(await send({ id: 'c', command: 'kill-worker', function: 'ingest' })).toEqual({ id: 'c', ok: { killed: 2 } });
  expect(await send({ id: 'd', command: 'reap' })).toEqual({ id: 'd', ok: { removed: 7 } });
  expect(await send({ id: 's', command: 'schedule', name: 'sweep' })).toEqual({ id: 's', ok: { run: 1 } });
  expect(await send({ id: 'e', command: 'ping' })).toEqual({ id: 'e', ok: { pid: process.pid } });
});

test('what is wrong is answered, and the connection lives on', async () => {
  const { send, sendLine } = await control();
  expect(await send({ id: 1, command: 'kill-worker', function: 'x' })).toEqual({
    id: 1,
    error: 'there is no function x',
  });
  expect(await send({ id: 2, command: 'explode' })).toMatchObject({ id: 2, error: expect.stringContaining('command') });
  expect(await send({ id: 3, command: 'clock', set: 1, advance: 1 })).toMatchObject({
    id: 3,
    error: expect.stringContaining('one of'),
  });
  expect(await sendLine('no json')).toMatchObject({ error: expect.stringContaining('JSON') });
  expect(await send({ id: 4, command: 'ping' })).toMatchObject({ id: 4, ok: {} });
});

test('the socket is its owner’s alone; a stale one is replaced, another file is not', async () => {
  const { file } = await control();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const own = path.join(temporaryFolder(), 'notes');
  writeFileSync(own, 'mine');
  const nothing = {} as Parameters<typeof listenForControl>[1];
  await expect(listenForControl(own, nothing)).rejects.toThrow(`${own} exists and is no socket`);
  await (await listenForControl(file, nothing))();
});
