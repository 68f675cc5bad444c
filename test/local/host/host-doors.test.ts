import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as client from 'openid-client';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './fixture.ts';
import { count, fixtureProject } from './fixture-project.ts';
import { hostProcess } from './host-process.ts';

function controlOf(file: string) {
  const socket = net.connect(file);
  onTestFinished(() => void socket.destroy());
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  return async (request: object): Promise<unknown> => {
    socket.write(`${JSON.stringify(request)}\n`);
    return JSON.parse((await lines.next()).value ?? 'null');
  };
}

test('the endpoints answer what they say, and the operator can sign in with the password', async () => {
  const { oauth, operator, mqtt, outbox, logs, hostLog, docs, api } = await hostProcess(
    fixtureProject(),
    temporaryFolder(),
  ).ready();
  expect(await (await fetch(oauth.jwksUrl)).json()).toMatchObject({ keys: [{ kty: 'RSA' }] });
  expect(oauth.issuer).toMatch(/^https:\/\/cognito-idp\.eu-central-1\.amazonaws\.com\//);
  expect(oauth.redirectUris).toEqual(['http://localhost:3000/callback']);
  expect(docs).toBe(`${api}/docs`);
  expect(readFileSync(mqtt.caFile, 'utf8')).toContain('BEGIN CERTIFICATE');
  for (const place of [outbox, hostLog]) expect(existsSync(place)).toBe(true);
  expect(logs).toBeTruthy();
  expect((await count(api)).body).toMatchObject({ jwks: new URL('/', oauth.tokenUrl).href });

  const page = new URL(operator.authorizeUrl);
  page.search = new URLSearchParams({
    response_type: 'code',
    client_id: operator.publicClientId,
    redirect_uri: 'http://localhost:3000/callback',
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
    code_challenge_method: 'S256',
  }).toString();
  const login = await fetch(page, { redirect: 'manual' });
  expect(login.status).toBe(302);
});

test('the control socket moves the clock, fails calls, kills workers and reaps', async () => {
  const control = path.join(temporaryFolder(), 'control');
  const { api } = await hostProcess(fixtureProject(), temporaryFolder(), '--control', control).ready();
  const send = controlOf(control);
  expect(await count(api)).toMatchObject({ body: { count: 1 } });

  expect(await send({ id: 1, command: 'kill-worker', function: 'http/counter' })).toEqual({ id: 1, ok: { killed: 1 } });
  await send({ command: 'clock', set: '2040-01-01T00:00:00Z' });
  const moved = await count(api);
  expect(new Date(moved.body.now ?? 0).toISOString()).toMatch(/^2040-01-01T00:0/);

  await send({ command: 'fail', service: 'dynamodb', action: 'UpdateItem', code: 'ValidationException', times: 1 });
  expect(await count(api)).toMatchObject({ status: 500 });
  expect(await count(api)).toMatchObject({ status: 200, body: { count: 3 } });
  await send({ command: 'fail', service: 'dynamodb', action: '*', code: 'ValidationException' });
  expect(await count(api)).toMatchObject({ status: 500 });
  await send({ command: 'heal' });
  expect(await count(api)).toMatchObject({ status: 200, body: { count: 4 } });
  expect(await send({ id: 9, command: 'reap' })).toEqual({ id: 9, ok: { removed: 0 } });
});
