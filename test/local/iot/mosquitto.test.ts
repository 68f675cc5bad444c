/** Another maker's client against the broker: Debian's mosquitto_pub and mosquitto_sub, where they are installed. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isInstalled } from '../../support/installed.ts';
import type { Device, Laptop } from './laptop.ts';
import { registerDevice, startLaptop } from './laptop.ts';

describe.runIf(isInstalled('mosquitto_pub') && isInstalled('mosquitto_sub'))('mosquitto', () => {
  let laptop: Laptop;
  let device: Device;
  let identity: string[];
  beforeAll(async () => {
    laptop = await startLaptop();
    device = await registerDevice(laptop, 'dev-1');
    const dir = join(laptop.dir, 'device');
    mkdirSync(dir);
    writeFileSync(join(dir, 'cert.pem'), device.cert);
    writeFileSync(join(dir, 'key.pem'), device.key, { mode: 0o600 });
    identity = ['-h', 'localhost', '-p', String(laptop.port), '--cafile', laptop.caFile];
    identity.push('--cert', join(dir, 'cert.pem'), '--key', join(dir, 'key.pem'));
  });
  afterAll(() => laptop.stop());

  const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve));
  const publish = (args: readonly string[]) =>
    ended(spawn('mosquitto_pub', [...identity, ...args], { stdio: 'ignore' }));

  it('publishes under its own prefix, also by Basic Ingest and with ALPN', async () => {
    const topic = `dt/${device.prefix}/telemetry`;
    const own = ['-i', device.client, '-q', '1', '-m', '1'];
    expect(await publish([...own, '-t', topic])).toBe(0);
    expect(await publish([...own, '-t', `$aws/rules/laptop_ingest/${topic}`])).toBe(0);
    expect(await publish([...own, '-t', topic, '--tls-alpn', 'x-amzn-mqtt-ca'])).toBe(0);
    expect(laptop.queues.bodies('ingest')).toHaveLength(3);
  });

  it('is refused another prefix and another client id', async () => {
    const before = laptop.queues.bodies('ingest').length;
    const message = ['-q', '1', '-m', '1', '-t'];
    expect(await publish(['-i', 'dev-2', ...message, `dt/${device.prefix}/x`])).not.toBe(0);
    expect(laptop.lines.at(-1)).toContain('wrong client id');
    const stray = spawn('mosquitto_pub', [...identity, '-i', device.client, ...message, 'dt/acc/prd/dev-2/x'], {
      stdio: 'ignore',
    });
    const gone = ended(stray);
    await vi.waitFor(() => expect(laptop.lines.at(-1)).toContain('no policy allows'));
    stray.kill();
    await gone;
    expect(laptop.queues.bodies('ingest')).toHaveLength(before);
  });

  it('hears its commands', async () => {
    const args = [...identity, '-i', device.client, '-q', '1', '-C', '1', '-W', '10', '-t', `cmd/${device.prefix}/#`];
    const child = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = '';
    child.stdout.on('data', (chunk) => {
      heard += chunk;
    });
    const payload = Buffer.from('{"id":"1"}');
    const command = new PublishCommand({ topic: `cmd/${device.prefix}/reboot`, qos: 1, payload });
    const again = setInterval(() => void laptop.data.send(command), 100);
    expect(await ended(child)).toBe(0);
    clearInterval(again);
    expect(heard.trim()).toBe('{"id":"1"}');
  });
});
