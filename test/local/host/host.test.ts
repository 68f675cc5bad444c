import { existsSync, readFileSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as client from 'openid-client';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import type { Endpoints } from '../../../infra/local/endpoints.ts';
import { temporaryFolder } from './fixture.ts';
import { fixtureProject } from './fixture-project.ts';
import { hostProcess } from './host-process.ts';

const counted = z.object({ count: z.number(), now: z.number(), jwks: z.string() }).partial();

async function count(api: string) {
  const answer = await fetch(`${api}/count`, { method: 'POST' });
  return { status: answer.status, body: counted.parse(await answer.json()) };
}

function controlOf(file: string) {
  const socket = net.connect(file);
  onTestFinished(() => void socket.destroy());
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  return async (request: object): Promise<unknown> => {
    socket.write(`${JSON.stringify(request)}\n`);
    return JSON.parse((await lines.next()).value ?? 'null');
  };
}

async function operatorToken({ oauth, operator }: Endpoints): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  const credentials = Buffer.from(`${operator.clientId}:${operator.clientSecret}`).toString('base64');
  const answer = await fetch(oauth.tokenUrl, {
    method: 'POST',
    body: form,
    headers: { authorization: `Basic ${credentials}` },
  });
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
}

test('an app runs: from its templates to an API that counts in a table, state kept over kill -9 and a clean stop', async () => {
  const project = fixtureProject();
  const data = path.join(temporaryFolder(), 'data');
  const file = path.join(data, 'endpoints.json');

  const first = hostProcess(project, data);
  const endpoints = await first.ready();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(endpoints.pid).toBe(first.process.pid);
  expect(await count(endpoints.api)).toMatchObject({ status: 200, body: { count: 1 } });
  expect((await operatorToken(endpoints)).split('.')).toHaveLength(3);
  first.process.kill('SIGKILL');
  await first.ended;

  const second = hostProcess(project, data);
  const again = await second.ready();
  expect(again).toEqual({ ...endpoints, pid: second.process.pid });
  expect(second.output()).not.toContain('Synthesizing');
  expect(await count(again.api)).toMatchObject({ status: 200, body: { count: 2 } });

  const third = hostProcess(project, data);
  expect(await third.ended).toBe(1);
  expect(third.output()).toContain(`Another host (process ${second.process.pid}) is running on ${data}`);

  const asked = performance.now();
  second.process.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(performance.now() - asked).toBeLessThan(2000);
  expect(existsSync(file)).toBe(false);

  const fresh = hostProcess(project, data, '--fresh');
  const anew = await fresh.ready();
  expect(anew.operator.password).not.toBe(endpoints.operator.password);
  expect(await count(anew.api)).toMatchObject({ status: 200, body: { count: 1 } });
});

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

test('a permission that the templates lack fails the call, and nothing else', async () => {
  const project = fixtureProject(({ service }) => {
    service.Resources.Policy.Properties = {
      ...service.Resources.Policy.Properties,
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' }],
      },
    };
  });
  const { api } = await hostProcess(project, temporaryFolder()).ready();
  expect(await count(api)).toMatchObject({ status: 500 });
  expect(await count(api)).toMatchObject({ status: 500 });
});
