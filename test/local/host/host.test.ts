import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import type { Endpoints } from '../../../infra/local/endpoints.ts';
import { temporaryFolder } from './fixture.ts';
import { count, fixtureProject } from './fixture-project.ts';
import { hostProcess } from './host-process.ts';

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
