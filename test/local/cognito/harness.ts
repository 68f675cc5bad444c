/** A user pool service as the host wires it: its API behind a front door that allows everything, its pages on a listener. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { AwsError, type AwsRequest, type Demand, type Provisioned } from '../../../infra/local/contract.ts';
import { type Cognito, createCognito } from '../../../infra/local/services/cognito/cognito.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '111122223333';
export const CALLBACK = 'http://localhost:3999/callback';
export const SIGNED_OUT = 'http://localhost:3999/';
export const PASSWORD = 'Correct-Horse-7!';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Host {
  readonly cognito: Cognito;
  readonly api: CognitoIdentityProviderClient;
  readonly origin: string;
  readonly dir: string;
  readonly mails: Mail[];
  readonly logs: string[];
  readonly demands: Demand[];
  /** Moves the clock that the service sees. */
  advance(milliseconds: number): void;
  now(): number;
  /** Makes the next mails fail. */
  failMails(failing: boolean): void;
  provision(logicalId: string, type: string, properties: Record<string, unknown>): Promise<Provisioned>;
  /** Closes; keeps the folder if asked. */
  stop(options?: { keep?: boolean }): Promise<void>;
}

const listen = (server: Server) =>
  new Promise<string>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );
const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

function frontDoor(cognito: Cognito, demands: Demand[]): Server {
  return createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const call: AwsRequest = {
      method: request.method ?? 'GET',
      url: new URL(request.url ?? '/', 'http://localhost'),
      headers,
      body: Buffer.concat(chunks),
    };
    try {
      const operation = await cognito.service.operation(call);
      demands.push(...operation.demands);
      const answer = await operation.run({ kind: 'service', service: 'test' });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError('InternalErrorException', String(error), 500);
      const answer = cognito.service.errorResponse(known);
      response.writeHead(answer.status, answer.headers).end(answer.body);
    }
  });
}

export async function startHost(options: { dir?: string; now?: number } = {}): Promise<Host> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'cognito-'));
  const mails: Mail[] = [];
  const logs: string[] = [];
  const demands: Demand[] = [];
  let offset = options.now === undefined ? 0 : options.now - Date.now();
  let failing = false;
  let origin = '';
  const now = () => Date.now() + offset;
  const cognito = createCognito(
    {
      region: REGION,
      account: ACCOUNT,
      dir,
      clock: { now },
      authority: {
        authorize: () => undefined,
        assume: () => ({ kind: 'service', service: 'test' }),
      },
      log: (message) => void logs.push(message),
    },
    {
      authOrigin: () => origin,
      passwordCost: 4,
      sendMail: async (mail) => {
        if (failing) throw new Error('the outbox is full');
        mails.push(mail);
      },
    },
  );
  const web = createServer((request, response) => void cognito.handleWeb(request, response));
  const door = frontDoor(cognito, demands);
  origin = await listen(web);
  const endpoint = await listen(door);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const api = new CognitoIdentityProviderClient({ region: REGION, endpoint, credentials, maxAttempts: 1 });
  return {
    cognito,
    api,
    origin,
    dir,
    mails,
    logs,
    demands,
    now,
    advance: (milliseconds) => {
      offset += milliseconds;
    },
    failMails: (value) => {
      failing = value;
    },
    provision: (logicalId, type, properties) => {
      const provider = cognito.providers.find((candidate) => candidate.type === type);
      if (!provider) throw new Error(`no provider for ${type}`);
      return provider.create({ stack: 'State', logicalId, type, properties, metadata: {} });
    },
    stop: async ({ keep = false } = {}) => {
      api.destroy();
      await Promise.all([close(web), close(door)]);
      await cognito.service.close?.();
      if (!keep) rmSync(dir, { recursive: true, force: true });
    },
  };
}
