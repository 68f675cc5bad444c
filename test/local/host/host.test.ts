import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as client from 'openid-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import type { Endpoints } from '../../../infra/local/endpoints.ts';
import { temporaryFolder } from './fixture.ts';
import { fixtureProject } from './fixture-project.ts';
import { hostProcess, run } from './host-process.ts';

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

/** A process that has ended may wait to be collected by init. */
function isRunning(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !readFileSync(status, 'utf8').includes('State:\tZ');
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

describe('a start that ends', () => {
  test('at a property that the laptop would play wrongly', async () => {
    const project = fixtureProject(({ state }) => {
      state.Resources.Table.Properties = { ...state.Resources.Table.Properties, Unheard: true };
    });
    const host = hostProcess(project, temporaryFolder());
    expect(await host.ended).toBe(1);
    expect(host.output()).toContain('AWS::DynamoDB::GlobalTable: the property Unheard is neither honoured nor ignored');
    expect(host.output()).not.toContain('    at ');
  });

  test('at a missing output', async () => {
    const project = fixtureProject(({ state }) => {
      delete (state.Outputs as Partial<typeof state.Outputs>).OperatorClientId;
    });
    const host = hostProcess(project, temporaryFolder());
    expect(await host.ended).toBe(1);
    expect(host.output()).toContain('no output OperatorClientId');
  });

  test('at a taken port, by its number', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as net.AddressInfo;
    const host = run(fixtureProject(), ['--data', temporaryFolder(), '--mqtt-port', String(port)]);
    expect(await host.ended).toBe(1);
    expect(host.output()).toContain(`Port ${port}, asked for with --mqtt-port, is taken.`);
  });

  test('at the command line, with exit code 2; at --help with 0', async () => {
    const wrong = run(fixtureProject(), ['--nonsense']);
    const help = run(fixtureProject(), ['--help']);
    expect(await wrong.ended).toBe(2);
    expect(wrong.output()).toContain('--nonsense');
    expect(await help.ended).toBe(0);
    expect(help.output()).toContain('--policy-cache SECONDS');
  });

  test('at a damaged service, by its file', async () => {
    const data = temporaryFolder();
    const project = fixtureProject();
    const host = hostProcess(project, data);
    await host.ready();
    host.process.kill('SIGTERM');
    await host.ended;
    const current = path.join(data, 'services/dynamodb');
    const file = ['CURRENT', 'data/CURRENT'].map((name) => path.join(current, name)).find((name) => existsSync(name));
    writeFileSync(file ?? current, 'nonsense');
    const next = hostProcess(project, data);
    expect(await next.ended).toBe(1);
    expect(next.output()).toContain(current);
    expect(next.output()).toContain('--fresh');
  });

  test('at SIGTERM in the middle of its synthesis: exit 0, and nothing left behind', async () => {
    const project = fixtureProject();
    writeFileSync(
      path.join(project, 'app.cjs'),
      "require('node:fs').writeFileSync('app.pid', String(process.pid)); setInterval(() => {}, 1000);",
    );
    const host = hostProcess(project, temporaryFolder());
    await expect.poll(() => existsSync(path.join(project, 'app.pid')), { timeout: 10_000 }).toBe(true);
    host.process.kill('SIGTERM');
    expect(await host.ended).toBe(0);
    const pid = Number(readFileSync(path.join(project, 'app.pid'), 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});
