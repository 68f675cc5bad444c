/** A Lambda room behind a real front door, with real policies, in a folder of its own. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { PolicyDocument, Provisioned, Resource, ServiceContext } from '../../../infra/local/contract.ts';
import { createAuthority } from '../../../infra/local/front-door/authority.ts';
import { createFrontDoor } from '../../../infra/local/front-door/server.ts';
import { createLambda, type LambdaOptions } from '../../../infra/local/services/lambda/lambda.ts';
import { openSqs } from '../../../infra/local/services/sqs/service.ts';

export const PLACE = { account: '123456789012', region: 'eu-central-1' };
export const ROLE = `arn:aws:iam::${PLACE.account}:role/function`;
export const CALLER = `arn:aws:iam::${PLACE.account}:role/caller`;
export const PROJECT = join(import.meta.dirname, '../../..');

const trusts = (service: string): PolicyDocument => ({
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});
const allow = (...actions: string[]): PolicyDocument => ({
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
});

export interface BenchOptions extends Partial<Omit<LambdaOptions, 'queues'>> {
  /** A folder that stays; default: one of its own that `close` removes. */
  readonly dir?: string;
  readonly queueActions?: readonly string[];
}

export async function createBench({ dir, queueActions = ['sqs:*'], ...options }: BenchOptions = {}) {
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'lambda-'));
  const clock = { offset: 0, now: () => Date.now() + clock.offset };
  const policies: { of?: (resource: string) => readonly PolicyDocument[] } = {};
  const authority = createAuthority({ place: PLACE, clock, resourcePolicies: (arn) => policies.of?.(arn) ?? [] });
  authority.roles.put({
    arn: ROLE,
    trust: trusts('lambda.amazonaws.com'),
    policies: { queue: allow(...queueActions) },
  });
  authority.roles.put({ arn: CALLER, trust: trusts('lambda.amazonaws.com'), policies: { invoke: allow('lambda:*') } });
  const lines: string[] = [];
  const context = (name: string): ServiceContext => {
    mkdirSync(join(folder, name), { recursive: true });
    return { ...PLACE, dir: join(folder, name), clock, authority, log: (line) => void lines.push(line) };
  };
  const ctx = context('lambda');
  const sqs = openSqs(context('sqs'), { endpoint: () => 'http://127.0.0.1' });
  const door: { url?: string } = {};
  const lambda = createLambda(ctx, {
    projectRoot: PROJECT,
    frontDoorUrl: () => door.url ?? '',
    issueSession: authority.issueSession,
    endSession: (key) => authority.sessions.revoke(key),
    extraEnv: () => ({ HOST_EXTRA: 'yes' }),
    queues: sqs.consumer,
    sender: sqs.sender,
    ...options,
  });
  policies.of = (arn) => lambda.service.resourcePolicies?.(arn) ?? [];
  const frontDoor = await createFrontDoor({
    authority,
    services: [lambda.service],
    place: PLACE,
    clock,
    log: () => {},
  });
  door.url = frontDoor.url;

  const create = (
    type: string,
    properties: Record<string, unknown>,
    more: Partial<Resource> = {},
  ): Promise<Provisioned> => {
    const provider = [...lambda.providers, ...sqs.providers].find((one) => one.type === type);
    if (!provider) throw new Error(`no provider of ${type}`);
    return provider.create({ stack: 'Test', logicalId: 'Thing', metadata: {}, ...more, type, properties });
  };

  return {
    ctx,
    authority,
    clock,
    folder,
    sqs,
    lambda,
    lines,
    create,
    /** Deploys one export of a handler file; answers its ARN. */
    async deploy(file: string, exportName: string, properties: Record<string, unknown> = {}, logicalId = exportName) {
      const { attributes } = await create(
        'AWS::Lambda::Function',
        { Handler: `index.${exportName}`, Role: ROLE, Runtime: 'nodejs24.x', Timeout: 20, ...properties },
        {
          logicalId,
          metadata: { 'custodia:entry': relative(PROJECT, join(import.meta.dirname, 'handlers', `${file}.ts`)) },
        },
      );
      return String(attributes.Arn);
    },
    client(roleArn = CALLER) {
      const credentials = authority.issueSession(roleArn, 'lambda.amazonaws.com', 'test');
      return new LambdaClient({ region: PLACE.region, endpoint: frontDoor.url, credentials, maxAttempts: 1 });
    },
    logOf(group: string) {
      const directory = lambda.logs.directory(group);
      return readdirSync(directory)
        .map((file) => readFileSync(join(directory, file), 'utf8'))
        .join('');
    },
    async close() {
      await lambda.close();
      await frontDoor.close();
      await sqs.service.close();
      if (!dir) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Bench = Awaited<ReturnType<typeof createBench>>;

export async function until<T>(read: () => T | undefined | false, limitMs = 8000): Promise<T> {
  for (const end = Date.now() + limitMs; ; ) {
    const value = read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
