/** What survives: an orderly restart, and `kill -9` in the middle of everything. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DescribeThingCommand, ListAttachedPoliciesCommand, ListThingsInThingGroupCommand } from '@aws-sdk/client-iot';
import { expect, it, vi } from 'vitest';
import * as z from 'zod';
import { groupArn, registerDevice, startLaptop } from './laptop.ts';
import { POLICY } from './template.ts';

it('a device connects with the same certificate after a restart', async () => {
  const first = await startLaptop();
  const device = await registerDevice(first, 'dev-1');
  await (await first.connect(device)).endAsync();
  await first.stop({ keep: true });

  const second = await startLaptop({ dir: first.dir });
  const client = await second.connect(device);
  await client.publishAsync(`dt/${device.prefix}/telemetry`, '1', { qos: 1 });
  await vi.waitFor(() => expect(second.queues.bodies('presence').at(-1)).toContain('"versionNumber":1'));
  await second.stop();
});

it('a host that ends in order says that its clients are disconnected', async () => {
  const laptop = await startLaptop();
  const device = await registerDevice(laptop, 'dev-1');
  await laptop.connect(device);
  await laptop.stop();
  expect(laptop.queues.bodies('presence').at(-1)).toContain('SERVER_INITIATED_DISCONNECT');
});

const answered = z.object({ registered: z.string() });

it('kill -9 loses nothing that was answered, and the lost connection is reported by the next start', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'iot-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'doomed-host.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const registered: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    registered.push(answered.parse(JSON.parse(line)).registered);
    if (registered.length === 4) child.kill('SIGKILL');
  }
  expect(registered.length).toBeGreaterThanOrEqual(4);

  const laptop = await startLaptop({ dir });
  try {
    for (const thingName of registered) await laptop.control.send(new DescribeThingCommand({ thingName }));
    const { things } = await laptop.control.send(new ListThingsInThingGroupCommand({ thingGroupName: 'prd' }));
    expect(things).toEqual(expect.arrayContaining(registered));
    const { policies } = await laptop.control.send(new ListAttachedPoliciesCommand({ target: groupArn }));
    expect(policies).toMatchObject([{ policyName: POLICY }]);
    const events = laptop.queues.bodies('presence').map((body): unknown => JSON.parse(body));
    expect(events).toMatchObject([
      { clientId: 'doomed-0', eventType: 'disconnected', disconnectReason: 'CONNECTION_LOST', versionNumber: 0 },
    ]);
  } finally {
    await laptop.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
