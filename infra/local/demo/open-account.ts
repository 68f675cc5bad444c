/** The demo's account: the one of the last time, if the host still has it, or a new one. */
import * as z from 'zod';
import { Refusal } from '../refusal.ts';
import { type Client, clientOf, getCommand, postCommand, requestToken, tokenCommand } from './client.ts';
import { forgetFiles, type Memory, memoryFile, recall, remember } from './memory.ts';
import { type RunningHost, shownPath } from './running-host.ts';
import { command, done, step } from './terminal.ts';

const opened = z.object({ id: z.string(), apiClient: z.object({ clientId: z.string(), clientSecret: z.string() }) });
const account = z.object({ id: z.string(), name: z.string() });

const NEW_ACCOUNT = {
  name: 'Demo',
  owner: { email: 'owner@demo.test', name: 'Dora Demo' },
  apiClient: true,
};

export interface DemoAccount {
  readonly client: Client;
  readonly memory: Memory;
}

export async function openAccount(host: RunningHost): Promise<DemoAccount> {
  step('An account with an API client');
  const found = await knownAccount(host);
  if (found) return found;
  const memory = await newAccount(host);
  const client = await clientFor(host, memory);
  if (!client) throw new Refusal('The host refuses the API client that it has just made.');
  return { client, memory };
}

async function clientFor(host: RunningHost, memory: Memory): Promise<Client | undefined> {
  const token = await requestToken(host.oauth.tokenUrl, memory.client);
  return token === undefined ? undefined : clientOf(host.api, token);
}

const showToken = (host: RunningHost) =>
  command(tokenCommand(host.oauth.tokenUrl, shownPath(memoryFile(host.data)), 'client'));

/** After a `--fresh` start the host knows neither client nor account of the last time. */
async function knownAccount(host: RunningHost): Promise<DemoAccount | undefined> {
  const memory = recall(host.data);
  const client = memory && (await clientFor(host, memory));
  if (!client) return undefined;
  const known = await client.get('/v1/account', account);
  if (known?.id !== memory.account) return undefined;
  showToken(host);
  command(getCommand(`${host.api}/v1/account`));
  done(`“${known.name}” (${known.id}), as last time`);
  return { client, memory };
}

async function newAccount(host: RunningHost): Promise<Memory> {
  command(tokenCommand(host.oauth.tokenUrl, host.file, 'operator'));
  const token = await requestToken(host.oauth.tokenUrl, host.operator);
  if (token === undefined) throw new Refusal(`The host refuses the operator’s client of ${host.file}.`);
  command(postCommand(`${host.api}/v1/operator/accounts`, NEW_ACCOUNT));
  const { id, apiClient } = await clientOf(host.api, token).post('/v1/operator/accounts', NEW_ACCOUNT, opened);
  const { clientId, clientSecret } = apiClient;
  const memory: Memory = { account: id, client: { clientId, clientSecret }, devices: [] };
  forgetFiles(host.data);
  remember(host.data, memory);
  done(`“${NEW_ACCOUNT.name}” (${id})`);
  showToken(host);
  return memory;
}
