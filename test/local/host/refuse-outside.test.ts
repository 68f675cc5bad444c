/** The guard that every host under test is started with: it refuses, and says so. Without this, its silence would prove nothing. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const GUARD = new URL('../../support/refuse-outside.mjs', import.meta.url).href;
const run = promisify(execFile);
/** An address of the documentation range: nobody's. */
const OUTSIDE = '192.0.2.1';

const connectTo = (options: object) =>
  run(process.execPath, [
    '--import',
    GUARD,
    '--input-type=module',
    '-e',
    `import net from 'node:net';
     const socket = net.connect(${JSON.stringify(options)});
     socket.on('connect', () => { console.log('connected'); socket.destroy(); });
     socket.on('error', (error) => console.log(error.message));`,
  ]);

it('refuses a connection to anywhere else, and lets this machine through', async () => {
  const outside = await connectTo({ host: OUTSIDE, port: 443 });
  expect(outside.stderr).toContain(`OUTSIDE CONNECTION REFUSED: ${OUTSIDE}`);
  expect(outside.stdout).toContain('An outside connection was refused');

  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const inside = await connectTo({ host: '127.0.0.1', port });
  server.close();
  expect(inside.stdout).toContain('connected');
  expect(inside.stderr).toBe('');
});
