/** What was answered survives: `kill -9` in the middle of work, and a second boot on the same folder. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AdminGetUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { newBrowser } from '../../support/browser.ts';
import { PASSWORD, startHost } from './harness.ts';
import { authorizeUrl, codeOf, EMAIL, refresh, signIn } from './sign-in.ts';
import { deploy } from './template.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cognito-restart-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const made = z.object({
  app: z.object({ poolId: z.string(), publicClient: z.string(), programClient: z.string(), programSecret: z.string() }),
  refreshToken: z.string(),
  keys: z.unknown(),
});
const created = z.object({ created: z.string() });

/** Runs the child, kills it once it has created a dozen people, and answers all that it told. */
async function runAndKill() {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-child.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  const people: string[] = [];
  let first: z.infer<typeof made> | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (first === undefined) first = made.parse(JSON.parse(line));
    else people.push(created.parse(JSON.parse(line)).created);
    if (people.length === 12) child.kill('SIGKILL');
  }
  expect(await exited).toBe('SIGKILL');
  return { ...made.parse(first), people };
}

test('kill -9 loses nothing that was answered', async () => {
  const before = await runAndKill();
  const host = await startHost({ dir });
  try {
    expect(await deploy(host)).toEqual(before.app);
    expect(host.cognito.jwks(before.app.poolId).keys).toEqual(before.keys);
    expect((await refresh(host, before.app, before.refreshToken)).status).toBe(200);
    expect(codeOf(await signIn(host, before.app, { username: EMAIL, password: PASSWORD }))).not.toBe('');
    for (const Username of before.people)
      await host.api.send(new AdminGetUserCommand({ UserPoolId: before.app.poolId, Username }));
  } finally {
    await host.stop();
  }
});

test('a sign-in under way, a session and a lockout outlive a restart', async () => {
  const first = await startHost({ dir });
  const app = await deploy(first);
  await first.cognito.ensureUser(app.poolId, EMAIL, PASSWORD);
  const [waiting, signedIn] = [newBrowser(), newBrowser()];
  const page = await waiting.open(authorizeUrl(first, app));
  await signIn(first, app, { browser: signedIn });
  for (let n = 0; n < 8; n += 1) {
    await signIn(first, app, { username: 'thief@example.org', password: 'wrong' });
    if (n >= 4) first.advance(1001 * 2 ** (n - 4));
  }
  const now = first.now();
  await first.stop({ keep: true });
  const second = await startHost({ dir, now });
  try {
    const moved = { ...page, url: page.url.replace(first.origin, second.origin) };
    expect(codeOf(await waiting.submit(moved, { username: EMAIL, password: PASSWORD }))).not.toBe('');
    expect(codeOf(await signedIn.open(authorizeUrl(second, app)))).not.toBe('');
    await signIn(second, app, { username: 'thief@example.org', password: 'wrong' });
    expect((await signIn(second, app, { username: 'thief@example.org', password: 'wrong' })).status).toBe(429);
  } finally {
    await second.stop();
  }
});

test('only their owner can read the files, and a damaged one is named', async () => {
  const host = await startHost({ dir });
  const { poolId } = await deploy(host);
  const modes = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, statSync(join(entry.parentPath, entry.name)).mode & 0o777]);
  expect(modes.length).toBeGreaterThanOrEqual(2);
  expect(modes.every(([, mode]) => mode === 0o600)).toBe(true);
  await host.stop({ keep: true });

  const key = join(dir, 'signing-keys', `${poolId}.pem`);
  truncateSync(key, 100);
  const again = await startHost({ dir });
  await expect(deploy(again)).rejects.toThrow(`${key} is damaged`);
  await again.stop({ keep: true });

  const file = join(dir, 'user-pools.sqlite');
  writeFileSync(file, 'this is no database, whatever it was before');
  await expect(startHost({ dir })).rejects.toThrow(`${file} is damaged`);
});
