/** `kill -9` in the middle of an execution: only the step in flight runs twice. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../lambda/support.ts';
import { createDurableBench } from './support.ts';

test('an execution goes on where the killed host was, and a wait that ended meanwhile is over', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'durable-'));
  const notes = join(dir, 'notes');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'doomed-host.ts'), dir], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const dead = new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)));
  await until(() => existsSync(notes) && readFileSync(notes, 'utf8').includes('begin-5'), 20_000);
  child.kill('SIGKILL');
  expect(await dead).toBe('SIGKILL');

  const bench = await createDurableBench(dir);
  try {
    const book = bench.notebook('notes');
    const before = book.notes();
    expect(before).not.toContain('end-11');
    const aDay = { DurableConfig: { ExecutionTimeout: 86_400 } };
    const version = await bench.durable('slowSteps', aDay);
    const waiting = await bench.durable('waiting', aDay);
    bench.clock.offset += 6 * 3_600_000;
    bench.client.config.systemClockOffset = bench.clock.offset;
    bench.lambda.start();
    // The same name and input answer the same execution.
    expect(await bench.ended(await bench.begin(version, { file: book.file, n: 12 }, 'doomed'))).toMatchObject({
      status: 'SUCCEEDED',
      result: 'all',
    });
    const begun = book.notes().filter((line) => line.startsWith('begin'));
    expect(new Set(begun).size).toBe(12);
    expect(begun.length).toBeLessThanOrEqual(13);
    expect(book.notes().slice(0, before.length)).toEqual(before);

    const wait = await bench.begin(waiting, { file: bench.notebook('waiting').file }, 'waits');
    expect(await bench.ended(wait)).toMatchObject({ status: 'SUCCEEDED' });
    expect(bench.notebook('waiting').notes().length).toBe(2);
  } finally {
    await bench.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
