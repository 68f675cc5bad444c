/** The desk where test files borrow hosts, with hosts that only note what is done to them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Host } from '../../support/host.ts';
import { openDesk } from '../../support/shared-hosts.ts';

const DAY_MS = 86_400_000;

class FakeHost {
  readonly done: string[] = [];
  ahead = 0;
  ended = false;
  outside = false;
  readonly data: string;
  constructor(data: string) {
    this.data = data;
  }
  readonly endpoints = { pid: process.pid };
  async control(command: string) {
    this.done.push(command);
    if (command === 'clock') this.ahead = 0;
  }
  async advance() {
    if (this.ended) throw new Error('connect ENOENT');
    return Date.now() + this.ahead;
  }
  output = () => 'its last words';
  calledOut = () => this.outside;
  async dispose() {
    this.done.push('dispose');
    if (this.outside) throw new Error('The host called out');
  }
}

let dir: string;
let file: string;
let hosts: FakeHost[];
let close: () => Promise<void>;
beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'desk-'));
  file = path.join(dir, 'desk.sock');
  hosts = [];
  close = await openDesk(file, async () => {
    if (hosts.length === 3) throw new Error('The host did not start');
    const host = new FakeHost(`host-${hosts.length}`);
    hosts.push(host);
    return host as unknown as Host;
  });
});
afterEach(async () => {
  await close().catch(() => undefined);
  rmSync(dir, { recursive: true });
});

async function borrow() {
  const socket = connect(file);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await lines.next()).value ?? 'null');
  return {
    told: await answer(),
    crash: () => socket.destroy(),
    async giveBack() {
      socket.write('return\n');
      const said = await answer();
      socket.end();
      return said;
    },
  };
}

it('lends a host to one at a time, and starts another only where none is free', async () => {
  expect(hosts).toHaveLength(0);
  const [first, second] = [await borrow(), await borrow()];
  expect([first.told, second.told]).toEqual([{ data: 'host-0' }, { data: 'host-1' }]);
  expect(await second.giveBack()).toEqual({});
  const third = await borrow();
  expect(third.told).toEqual({ data: 'host-1' });
  for (const one of [first, third]) expect(await one.giveBack()).toEqual({});
  expect(hosts).toHaveLength(2);
});

it('undoes faults and a moved clock before the next one, also for a file that crashed', async () => {
  const file = await borrow();
  const [host] = hosts;
  if (!host) throw new Error('There is no host.');
  host.ahead = 3600_000;
  file.crash();
  await expect.poll(() => host.done).toEqual(['heal', 'clock']);
  expect((await borrow()).told).toEqual({ data: 'host-0' });
  expect(host.ahead).toBe(0);
});

it('parts with a host whose clock is days ahead', async () => {
  const file = await borrow();
  Object.assign(hosts[0] ?? {}, { ahead: DAY_MS });
  expect(await file.giveBack()).toEqual({});
  expect(hosts[0]?.done).toEqual(['dispose']);
  expect((await borrow()).told).toEqual({ data: 'host-1' });
});

it('tells the file that had it of a host that ended, or called out, and lends it no more', async () => {
  for (const fault of [{ ended: true }, { outside: true }]) {
    const file = await borrow();
    Object.assign(hosts.at(-1) ?? {}, fault);
    const { problem } = await file.giveBack();
    expect(problem).toMatch(/^The shared host is lost: (connect ENOENT|The host called out)\nits last words$/);
  }
  expect((await borrow()).told).toEqual({ data: 'host-2' });
  expect((await borrow()).told).toEqual({ problem: 'The host did not start' });
});

it('ends all hosts when it closes, those that are lent, too, and says if one called out', async () => {
  const files = [await borrow(), await borrow()];
  await files[0]?.giveBack();
  Object.assign(hosts[1] ?? {}, { outside: true });
  await expect(close()).rejects.toThrow('The host called out');
  expect(hosts.map(({ done }) => done.at(-1))).toEqual(['dispose', 'dispose']);
  for (const file of files) file.crash();
});
