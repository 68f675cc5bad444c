/** The HTTP API before a real Lambda room, with a template's permissions. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join, relative } from 'node:path';
import { createHttpApi } from '../../../infra/local/services/http-api/http-api.ts';
import { createBench, PLACE, PROJECT, ROLE } from '../lambda/support.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** Parsed; the test says what it expects of it. */
  json<T = Record<string, unknown>>(): T;
}

export interface Sent {
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

/** Node's own client and not fetch, which normalizes paths and headers. */
export function send(port: number, method: string, path: string, { headers = {}, body }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString();
        const { statusCode = 0, headers } = incoming;
        resolve({ status: statusCode, headers, body: bytes, text, json: () => JSON.parse(text) });
      });
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export interface GatewayOptions {
  readonly api?: Record<string, unknown>;
  readonly stage?: Record<string, unknown>;
}

export async function createGateway({ api = {}, stage = {} }: GatewayOptions = {}) {
  const bench = await createBench();
  const dir = join(bench.folder, 'http-api');
  mkdirSync(dir);
  const place: { origin: string } = { origin: 'http://localhost:3000' };
  const http = createHttpApi(
    { ...bench.ctx, dir },
    { runtime: bench.lambda.runtime, logs: bench.lambda.logs, endpoint: () => place.origin },
  );
  const create = (type: string, logicalId: string, properties: Record<string, unknown>) => {
    const provider = http.providers.find((one) => one.type === `AWS::ApiGatewayV2::${type}`);
    if (!provider) throw new Error(`no provider of ${type}`);
    return provider.create({ stack: 'Test', logicalId, type: provider.type, properties, metadata: {} });
  };
  const setUp = async () => {
    const { ref } = await create('Api', 'Api', { Name: 'Test', ProtocolType: 'HTTP', ...api });
    await create('Stage', 'Stage', { ApiId: ref, StageName: '$default', AutoDeploy: true, ...stage });
    return ref;
  };
  const ApiId = await setUp().catch(async (error: unknown) => {
    await bench.close();
    throw error;
  });
  const { port } = await http.listen({ port: 0 });
  place.origin = `http://localhost:${port}`;
  const calls = join(bench.folder, 'calls');
  let count = 0;

  async function deploy(exportName: string, source: string | undefined, properties: Record<string, unknown> = {}) {
    count += 1;
    const { attributes } = await bench.create(
      'AWS::Lambda::Function',
      {
        Handler: `index.${exportName}`,
        Role: ROLE,
        Runtime: 'nodejs24.x',
        Timeout: 10,
        Environment: { Variables: { CALLS: calls } },
        ...properties,
      },
      {
        logicalId: exportName,
        metadata: { 'custodia:entry': relative(PROJECT, join(import.meta.dirname, 'handlers/api.ts')) },
      },
    );
    if (source !== undefined) {
      const permission = {
        Action: 'lambda:InvokeFunction',
        FunctionName: attributes.Arn,
        Principal: 'apigateway.amazonaws.com',
        SourceArn: `arn:aws:execute-api:${PLACE.region}:${PLACE.account}:${ApiId}/${source}`,
      };
      await bench.create('AWS::Lambda::Permission', permission, { logicalId: `Permission${count}` });
    }
    return String(attributes.Arn);
  }

  return {
    bench,
    create,
    deploy,
    ApiId,
    port,
    http: (method: string, path: string, sent?: Sent) => send(port, method, path, sent),
    /** A route to one of the functions; `source` is the permission's, absent for none. */
    async route(
      RouteKey: string,
      exportName: string,
      { source = '*/*', integration = {}, ...more }: RouteOptions = {},
    ) {
      const IntegrationUri = await deploy(exportName, source ?? undefined, more.properties);
      const { ref } = await create('Integration', `Integration${RouteKey}`, {
        ApiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri,
        PayloadFormatVersion: '2.0',
        ...integration,
      });
      const authorized = more.authorizer ? { AuthorizationType: 'CUSTOM', AuthorizerId: more.authorizer } : {};
      await create('Route', `Route${RouteKey}`, { ApiId, RouteKey, Target: `integrations/${ref}`, ...authorized });
    },
    async authorizer(settings: Record<string, unknown> = {}, source: string | undefined = 'authorizers/*') {
      const arn = await deploy('authorize', source);
      const { ref } = await create('Authorizer', 'Authorizer', {
        ApiId,
        Name: 'Identity',
        AuthorizerType: 'REQUEST',
        AuthorizerUri: `arn:aws:apigateway:${PLACE.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: true,
        AuthorizerResultTtlInSeconds: 30,
        IdentitySource: ['$request.header.Authorization'],
        ...settings,
      });
      return ref;
    },
    authorizerCalls: () =>
      existsSync(calls)
        ? readFileSync(calls, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [],
    async close() {
      await http.close();
      await bench.close();
    },
  };
}

interface RouteOptions {
  /** Null: no permission. */
  readonly source?: string | null;
  readonly integration?: Record<string, unknown>;
  readonly authorizer?: string;
  readonly properties?: Record<string, unknown>;
}

export type TestGateway = Awaited<ReturnType<typeof createGateway>>;
