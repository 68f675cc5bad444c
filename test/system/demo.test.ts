/** `npm run demo`: what a customer's first hour looks like, against a running host. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { clientToken, made, operatorToken, request } from '../support/api.ts';
import { type Host, newDataDirectory, ROOT, startHost } from '../support/host.ts';
import { isInstalled } from '../support/installed.ts';

/** Each demo is a program of its own that waits for readings: on a busy machine two of them take their time. */
const PATIENCE_MS = 180_000;

let host: Host;
beforeAll(async () => {
  host = await startHost();
});
afterAll(() => host?.dispose());

const manifest = z.object({ scripts: z.object({ demo: z.string() }) });

/** The command of `npm run demo`, its output not to a terminal. */
function demo(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { scripts } = manifest.parse(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')));
  const [command = '', ...rest] = scripts.demo.split(' ');
  const child = spawn(command, [...rest, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

const memory = () => JSON.parse(readFileSync(path.join(host.data, 'demo.json'), 'utf8'));
const mode = (file: string) => (statSync(path.join(host.data, file)).mode & 0o777).toString(8);

async function readings() {
  const { client, bucket } = memory();
  const token = await clientToken(host.endpoints, client);
  const answer = await request(host.endpoints, 'GET', `/v1/buckets/${bucket}/readings?limit=1000`, { token });
  return made(answer, 200).items as { device: string; value: { temperature: number; humidity: number } }[];
}

const accounts = async () => {
  const token = await operatorToken(host.endpoints);
  return made(await request(host.endpoints, 'GET', '/v1/operator/accounts', { token }), 200).items.length;
};

describe('the demo', { timeout: PATIENCE_MS }, () => {
  let first: Awaited<ReturnType<typeof demo>>;

  it('shows the whole way of readings, and uses what it made again', async () => {
    first = await demo('--data', host.data, '--seconds', '2');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const made = memory();
    expect(made.devices).toHaveLength(5);
    expect(first.stdout).toContain('20 readings of 5 devices, each acknowledged');
    expect(first.stdout).toContain('20 readings came back');
    // A table, a line of blocks and a bar for each device; no colour, no rewritten line.
    for (const room of ['kitchen', 'cellar', 'greenhouse', 'attic', 'server room']) {
      expect(first.stdout).toMatch(new RegExp(`${room} +4( +\\d+\\.\\d){3} +[▁-█]{4}`));
      expect(first.stdout).toMatch(new RegExp(`${room} +\\d+\\.\\d +█{8,30}`));
    }
    expect(first.stdout).toMatch(/^ +ts,device,stream,temperature$/m);
    expect(first.stdout).not.toContain('\u001b');
    expect(first.stdout).not.toContain('\r');

    const stored = await readings();
    expect(stored).toHaveLength(20);
    expect(new Set(stored.map(({ device }) => device))).toEqual(new Set(made.devices.map((d: { id: string }) => d.id)));
    expect(stored.every(({ value }) => value.temperature > 10 && value.humidity > 10)).toBe(true);

    const again = await demo('--data', host.data, '--seconds', '1', '--devices', '2');
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(memory()).toEqual(made);
    expect(again.stdout.match(/as last time/g)).toHaveLength(5);
    expect(again.stdout).toContain('4 readings came back');
    expect(await readings()).toHaveLength(24);
    expect(await accounts()).toBe(1);
  });

  it('says each step as a command, and shows no secret', () => {
    const { stdout } = first;
    expect(stdout).not.toContain(memory().client.clientSecret);
    expect(stdout).not.toContain(host.endpoints.operator.clientSecret);
    for (const program of ['curl', 'mosquitto_pub']) expect(stdout).toMatch(new RegExp(`^\\W*${program} `, 'm'));
  });

  it.runIf(isInstalled('curl'))('says how to read with curl, and that works', async () => {
    const token = first.stdout.match(/TOKEN=\$\([\s\S]*?access_token'\)/g)?.at(-1);
    const read = first.stdout.match(/curl .*fields=temperature&limit=1000.*/)?.[0] ?? '';
    expect(await shell(`${token}\n${read}`)).toMatch(/^\{"items":\[\{"ts":/);
  });

  it.runIf(isInstalled('mosquitto_pub'))('says how to publish with mosquitto_pub, and that works', async () => {
    const publish = first.stdout.match(/mosquitto_pub [\s\S]*?'\{"temperature":21\.5\}'/)?.[0] ?? '';
    expect(await shell(`${publish} && echo published`)).toBe('published\n');
  });

  it('keeps its secrets to itself', () => {
    expect(mode('demo.json')).toBe('600');
    expect(mode('demo')).toBe('700');
    const files = readdirSync(path.join(host.data, 'demo'));
    expect(files).toHaveLength(10);
    for (const file of files) expect(mode(path.join('demo', file))).toBe('600');
  });

  it('makes a new certificate for a device that lost its files, and everything anew on a host that knows nothing', async () => {
    rmSync(path.join(host.data, 'demo'), { recursive: true });
    const before = memory();
    expect(await demo('--data', host.data, '--seconds', '1', '--devices', '1')).toMatchObject({ code: 0, stderr: '' });
    const [device, ...others] = memory().devices;
    expect(others).toEqual(before.devices.slice(1));
    expect(device.id).toBe(before.devices[0].id);
    expect(device.credential).not.toBe(before.devices[0].credential);

    // As after a start with --fresh: the client of the last time is nobody's.
    const client = { clientId: 'nobodys', clientSecret: 'nobodys' };
    writeFileSync(path.join(host.data, 'demo.json'), JSON.stringify({ ...before, client }));
    expect(await demo('--data', host.data, '--seconds', '1', '--devices', '1')).toMatchObject({ code: 0, stderr: '' });
    expect(memory().account).not.toBe(before.account);
    expect(await accounts()).toBe(2);
    expect(readdirSync(path.join(host.data, 'demo'))).toHaveLength(2);
  });

  it('says clearly that no host is running, and what is wrong with its options', async () => {
    const empty = newDataDirectory();
    const nobody = await demo('--data', empty);
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toBe(
      `No host is running on ${empty}. Start it in another terminal, then try again:\n\n  npm start -- --data ${empty}\n`,
    );
    // A host that was killed leaves its endpoints behind.
    writeFileSync(path.join(empty, 'endpoints.json'), JSON.stringify({ ...host.endpoints, api: 'http://127.0.0.1:1' }));
    expect(await demo('--data', empty)).toEqual(nobody);
    rmSync(empty, { recursive: true });

    const wrong = await demo('--seconds', 'soon');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toBe(
      '--seconds takes a whole number from 1 to 3600, not "soon"\nSee npm run demo -- --help\n',
    );
    expect((await demo('--help')).stdout).toContain('--devices N');
  });
});

function shell(script: string): Promise<string> {
  const child = spawn('/bin/sh', ['-c', script], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) => child.once('close', () => resolve(text)));
}
