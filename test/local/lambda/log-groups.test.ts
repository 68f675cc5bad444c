import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogGroups } from '../../../infra/local/services/lambda/log-groups.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'log-groups-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a retention is kept: a day’s file goes when the days are over', () => {
  const clock = { time: Date.UTC(2026, 0, 1, 12), now: () => clock.time };
  const logs = new LogGroups(dir, clock);
  logs.put('/custodia/short', 3);
  logs.put('/custodia/for-ever', undefined);
  for (let day = 0; day < 10; day++) {
    for (const name of ['/custodia/short', '/custodia/for-ever']) logs.append(name, `day ${day}`);
    clock.time += 86_400_000;
  }
  logs.append('/custodia/short', 'today');
  const files = (name: string) => readdirSync(logs.directory(name)).sort();
  expect(files('/custodia/short')).toEqual(['2026-01-08.log', '2026-01-09.log', '2026-01-10.log', '2026-01-11.log']);
  expect(files('/custodia/for-ever').length).toBe(10);
});

test('a group’s name leads nowhere else', () => {
  const logs = new LogGroups(dir, { now: Date.now });
  for (const name of ['../../outside', '/a/../../b', '..']) {
    expect(logs.directory(name).startsWith(join(dir, ''))).toBe(true);
    expect(logs.directory(name)).not.toBe(dir);
  }
});
