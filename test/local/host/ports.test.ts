import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { choosePorts } from '../../../infra/local/ports.ts';

/** A port with a listener on it until the test ends. */
async function takenPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Four ports that were free a moment ago. */
async function freePorts() {
  const ports = await choosePorts({ api: 0, auth: 0, mqtt: 0, door: 0 }, {}, () => {});
  expect(new Set(Object.values(ports)).size).toBe(4);
  return ports;
}

test('free defaults are taken as they are, without a word', async () => {
  const defaults = await freePorts();
  const said: string[] = [];
  expect(await choosePorts({}, {}, (message) => said.push(message), defaults)).toEqual(defaults);
  expect(said).toEqual([]);
});

test('a default that is taken is replaced by a free one, and said so', async () => {
  const defaults = { ...(await freePorts()), mqtt: await takenPort() };
  const said: string[] = [];
  const ports = await choosePorts({}, {}, (message) => said.push(message), defaults);
  expect(ports).toEqual({ ...defaults, mqtt: expect.any(Number) });
  expect(ports.mqtt).not.toBe(defaults.mqtt);
  expect(said).toEqual([`Port ${defaults.mqtt} (MQTT) is taken: using ${ports.mqtt} instead.`]);
});

test('what was used before is used again, before any default', async () => {
  const [defaults, kept] = [await freePorts(), await freePorts()];
  expect(await choosePorts({}, kept, () => {}, defaults)).toEqual(kept);
  expect(await choosePorts({ api: 0 }, kept, () => {}, defaults)).toEqual(kept);
});

test('one asked for that is taken is refused by port and option', async () => {
  const taken = await takenPort();
  const choice = choosePorts({ auth: taken }, {}, () => {}, await freePorts());
  await expect(choice).rejects.toThrow(`Port ${taken}, asked for with --auth-port, is taken.`);
  await expect(choice).rejects.toMatchObject({ exitCode: 1 });
});

test('one asked for wins over the default of another listener', async () => {
  const defaults = await freePorts();
  const ports = await choosePorts({ mqtt: defaults.api }, {}, () => {}, defaults);
  expect(ports.mqtt).toBe(defaults.api);
  expect(ports.api).not.toBe(defaults.api);
});

test('no probe is left listening', async () => {
  const ports = await freePorts();
  for (const port of Object.values(ports)) {
    const server = net.createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((done) => server.close(done));
  }
});
