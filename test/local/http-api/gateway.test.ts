import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpApi } from '../../../infra/local/services/http-api/http-api.ts';
import { createGateway, type GatewayOptions, send, type TestGateway } from './support.ts';

let gateway: TestGateway | undefined;
afterEach(() => gateway?.close());
const open = async (options?: GatewayOptions) => {
  gateway = await createGateway(options);
  return gateway;
};

describe('a route', () => {
  test('is chosen as AWS chooses', async () => {
    const { route, http } = await open();
    for (const key of [
      'GET /pets/dog/1',
      'GET /pets/dog/{id}',
      'GET /pets/{kind}/1',
      'ANY /pets/{kind}/{id}',
      'GET /pets/{proxy+}',
      'ANY /{proxy+}',
      'POST /pets/dog/{id}',
      '$default',
    ]) {
      await route(key, 'mirror');
    }
    const chosen = async (method: string, path: string) => {
      const event = (await http(method, path)).json<{ routeKey: string; pathParameters?: Record<string, string> }>();
      return [event.routeKey, event.pathParameters ?? {}];
    };
    expect(await chosen('GET', '/pets/dog/1')).toEqual(['GET /pets/dog/1', {}]);
    expect(await chosen('GET', '/pets/dog/2')).toEqual(['GET /pets/dog/{id}', { id: '2' }]);
    expect(await chosen('GET', '/pets/cat/1')).toEqual(['GET /pets/{kind}/1', { kind: 'cat' }]);
    expect(await chosen('PUT', '/pets/dog/1')).toEqual(['ANY /pets/{kind}/{id}', { kind: 'dog', id: '1' }]);
    expect(await chosen('POST', '/pets/dog/1')).toEqual(['POST /pets/dog/{id}', { id: '1' }]);
    expect(await chosen('GET', '/pets/a/b%2Fc/d')).toEqual(['GET /pets/{proxy+}', { proxy: 'a/b/c/d' }]);
    expect(await chosen('POST', '/pets/a/b/c')).toEqual(['ANY /{proxy+}', { proxy: 'pets/a/b/c' }]);
    expect(await chosen('GET', '/pets/dog/1/')).toEqual(['GET /pets/{proxy+}', { proxy: 'dog/1/' }]);
    expect(await chosen('GET', '/')).toEqual(['$default', {}]);
  });

  test('that there isn’t is a 404, for another method too', async () => {
    const { route, http } = await open();
    await route('GET /here', 'mirror');
    for (const [method, path] of [
      ['GET', '/there'],
      ['POST', '/here'],
      ['HEAD', '/here'],
      ['OPTIONS', '/here'],
      ['GET', '/here/'],
    ] as const) {
      const got = await http(method, path);
      expect(got.status).toBe(404);
      if (method !== 'HEAD') expect(got.text).toBe('{"message":"Not Found"}');
    }
  });

  test('runs a function only where the template permits API Gateway to', async () => {
    const { route, http, bench } = await open();
    await route('GET /none', 'mirror', { source: null });
    expect((await http('GET', '/none')).status).toBe(500);
    expect(bench.lines.at(-1)).toMatch(
      /apigateway\.amazonaws\.com is not authorized to perform: lambda:InvokeFunction/,
    );
    await route('GET /scoped', 'answer', { source: '*/GET/other' });
    expect((await http('GET', '/scoped')).status).toBe(500);
    await route('GET /scoped', 'answer', { source: '*/GET/scoped' });
    expect((await http('GET', '/scoped')).status).toBe(200);
  });
});

describe('an authorizer', () => {
  const bearer = (token: string) => ({ headers: { Authorization: token } });

  test('passes its context on, and its answer holds for all routes and its time', async () => {
    const { route, http, authorizer, authorizerCalls, bench, ApiId } = await open();
    const id = await authorizer();
    await route('GET /a', 'mirror', { authorizer: id });
    await route('GET /b/{id}', 'mirror', { authorizer: id });
    type Seen = { requestContext: { authorizer: { lambda: unknown } } };
    const context = async (path: string, token: string) =>
      (await http('GET', path, bearer(token))).json<Seen>().requestContext.authorizer;
    expect(await context('/a?q=1', 'one')).toEqual({ lambda: { token: 'one', calls: 1, nested: { a: [1] } } });
    expect(await context('/b/7', 'one')).toMatchObject({ lambda: { calls: 1 } });
    expect(await context('/a', 'two')).toMatchObject({ lambda: { calls: 2 } });
    bench.clock.offset += 29_000;
    expect(await context('/a', 'one')).toMatchObject({ lambda: { calls: 1 } });
    bench.clock.offset += 2000;
    expect(await context('/a', 'one')).toMatchObject({ lambda: { calls: 3 } });
    expect(authorizerCalls()[0]).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      routeArn: `arn:aws:execute-api:eu-central-1:123456789012:${ApiId}/$default/GET/a`,
      identitySource: ['one'],
      routeKey: 'GET /a',
      rawPath: '/a',
      queryStringParameters: { q: '1' },
      requestContext: { http: { method: 'GET', path: '/a' }, stage: '$default' },
    });
    expect(authorizerCalls()[0]).not.toHaveProperty('body');
  });

  test('isn’t asked without an identity source', async () => {
    const { route, http, authorizer, authorizerCalls } = await open();
    await route('GET /a', 'mirror', { authorizer: await authorizer() });
    for (const headers of [{}, { Authorization: '' }] as Record<string, string>[]) {
      const got = await http('GET', '/a', { headers });
      expect({ status: got.status, text: got.text }).toEqual({ status: 401, text: '{"message":"Unauthorized"}' });
    }
    expect(authorizerCalls()).toEqual([]);
  });

  test('refuses with 403, and remembers it; what is no answer is a 500 each time', async () => {
    const { route, http, authorizer, authorizerCalls } = await open();
    await route('GET /a', 'mirror', { authorizer: await authorizer() });
    for (const _ of [1, 2]) {
      const got = await http('GET', '/a', bearer('deny'));
      expect({ status: got.status, text: got.text }).toEqual({ status: 403, text: '{"message":"Forbidden"}' });
    }
    expect(authorizerCalls().length).toBe(1);
    for (const token of ['fail', 'fail', 'nonsense']) expect((await http('GET', '/a', bearer(token))).status).toBe(500);
    expect(authorizerCalls().length).toBe(4);
  });

  test('is asked each time where it has no cache', async () => {
    const { route, http, authorizer, authorizerCalls } = await open();
    await route('GET /a', 'mirror', { authorizer: await authorizer({ AuthorizerResultTtlInSeconds: 0 }) });
    for (const _ of [1, 2]) expect((await http('GET', '/a', bearer('one'))).status).toBe(200);
    expect(authorizerCalls().length).toBe(2);
  });

  test('needs a permission of its own', async () => {
    const { route, http, authorizer, authorizerCalls } = await open();
    await route('GET /a', 'mirror', { authorizer: await authorizer({}, '*/GET/a') });
    expect((await http('GET', '/a', bearer('one'))).status).toBe(500);
    expect(authorizerCalls()).toEqual([]);
  });
});

describe('CORS', () => {
  const CorsConfiguration = {
    AllowOrigins: ['https://app.example', 'http://*'],
    AllowMethods: ['*'],
    AllowHeaders: ['authorization', 'content-type'],
    ExposeHeaders: ['etag'],
    AllowCredentials: true,
    MaxAge: 3600,
  };
  const preflight = { 'Access-Control-Request-Method': 'PUT' };

  test('answers a preflight by itself, before any route or authorizer', async () => {
    const { route, http, authorizer, authorizerCalls } = await open({ api: { CorsConfiguration } });
    await route('$default', 'mirror', { authorizer: await authorizer() });
    const got = await http('OPTIONS', '/x', { headers: { Origin: 'https://app.example', ...preflight } });
    expect({ status: got.status, text: got.text }).toEqual({ status: 204, text: '' });
    expect(got.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': '*',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '3600',
    });
    expect(authorizerCalls()).toEqual([]);
    const stranger = await http('OPTIONS', '/x', { headers: { Origin: 'https://evil.example', ...preflight } });
    expect(stranger.status).toBe(204);
    expect(Object.keys(stranger.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('its headers stand on every answer and replace the function’s', async () => {
    const { route, http } = await open({ api: { CorsConfiguration } });
    await route('GET /mirror', 'mirror');
    const allowed = async (origin: string, path = '/mirror') =>
      (await http('GET', path, { headers: { Origin: origin } })).headers;
    expect(await allowed('https://app.example')).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-expose-headers': 'etag',
    });
    expect(await allowed('http://any.example')).toMatchObject({ 'access-control-allow-origin': 'http://any.example' });
    expect(await allowed('https://app.example', '/none')).toHaveProperty('access-control-allow-origin');
    expect(await allowed('https://evil.example')).not.toHaveProperty('access-control-allow-origin');
  });

  test('without it, the function’s own headers pass, and OPTIONS is a route like others', async () => {
    const { route, http } = await open();
    await route('ANY /mirror', 'mirror');
    const got = await http('OPTIONS', '/mirror', { headers: { Origin: 'https://app.example', ...preflight } });
    expect(got.status).toBe(200);
    expect(got.headers['access-control-allow-origin']).toBe('https://function.example');
  });

  test('for every origin excludes credentials', async () => {
    const every = { ...CorsConfiguration, AllowOrigins: ['*'] };
    await expect(open({ api: { CorsConfiguration: every } })).rejects.toThrow(/credentials/);
    const { http } = await open({ api: { CorsConfiguration: { ...every, AllowCredentials: false } } });
    const { headers } = await http('GET', '/none', { headers: { Origin: 'https://app.example' } });
    expect(headers['access-control-allow-origin']).toBe('*');
  });
});

describe('a stage', () => {
  test('throttles beyond its burst', async () => {
    const DefaultRouteSettings = { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 3 };
    const { route, http } = await open({ stage: { DefaultRouteSettings } });
    await route('GET /mirror', 'mirror');
    const answers = await Promise.all(Array.from({ length: 6 }, () => http('GET', '/mirror')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBe(3);
    expect(refused[0]?.text).toBe('{"message":"Too Many Requests"}');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await http('GET', '/mirror')).status).toBe(200);
  });

  test('writes its access log in its format', async () => {
    const Format =
      '{"id":"$context.requestId","route":"$context.routeKey","status":$context.status,"bytes":"$context.responseLength","ip":"$context.identity.sourceIp","error":"$context.error.message","who":"$context.authorizer.token","why":"$context.integrationErrorMessage"}';
    const DestinationArn = 'arn:aws:logs:eu-central-1:123456789012:log-group:access:*';
    const { route, http, authorizer, bench } = await open({ stage: { AccessLogSettings: { DestinationArn, Format } } });
    await route('GET /mirror', 'mirror', { authorizer: await authorizer() });
    await route('GET /fail', 'fail');
    const first = await http('GET', '/mirror', { headers: { Authorization: 'one' } });
    await http('GET', '/nowhere');
    await http('GET', '/fail');
    const lines = bench
      .logOf('access')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const ip = '127.0.0.1';
    expect(lines).toEqual([
      {
        id: first.headers['apigw-requestid'],
        route: 'GET /mirror',
        status: 200,
        bytes: String(first.body.length),
        ip,
        error: '-',
        who: 'one',
        why: '-',
      },
      { id: expect.any(String), route: '-', status: 404, bytes: '23', ip, error: 'Not Found', who: '-', why: '-' },
      {
        id: expect.any(String),
        route: 'GET /fail',
        status: 500,
        bytes: '35',
        ip,
        error: 'Internal Server Error',
        who: '-',
        why: 'The function failed: Error',
      },
    ]);
  });
});

describe('the listener', () => {
  test('serves both families of loopback on one port, and refuses a port that is taken', async () => {
    const { route, port, bench } = await open();
    await route('GET /mirror', 'mirror');
    const ipv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
    for (const host of ['127.0.0.1', ...(ipv6 ? ['[::1]'] : [])])
      expect((await fetch(`http://${host}:${port}/mirror`)).status).toBe(200);
    const other = createHttpApi(bench.ctx, {
      runtime: bench.lambda.runtime,
      logs: bench.lambda.logs,
      endpoint: () => 'http://localhost',
    });
    await expect(other.listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await other.close();
  });

  test('goes on after a request that it refused unread', async () => {
    const { route, port } = await open();
    await route('POST /mirror', 'mirror');
    expect((await send(port, 'POST', '/mirror', { body: 'x'.repeat(11_000_000) })).status).toBe(413);
    expect((await send(port, 'POST', '/mirror', { body: 'x' })).status).toBe(200);
  });
});

describe('a template is refused', () => {
  test('that asks for what the laptop can’t keep', async () => {
    const { create, route, ApiId, authorizer } = await open();
    await route('GET /a', 'mirror');
    const stage = { ApiId, StageName: '$default', AutoDeploy: true };
    await expect(create('Api', 'Second', { ProtocolType: 'HTTP' })).rejects.toThrow(/one HTTP API/);
    await expect(create('Api', 'Api', { ProtocolType: 'WEBSOCKET' })).rejects.toThrow(/only HTTP APIs/);
    await expect(create('Stage', 'Stage', { ...stage, StageName: 'v1' })).rejects.toThrow(/only the stage/);
    await expect(create('Stage', 'Stage', { ...stage, AutoDeploy: false })).rejects.toThrow(/AutoDeploy/);
    await expect(create('Route', 'R', { ApiId, RouteKey: 'GET /a', Target: 'integrations/x' })).rejects.toThrow(
      /two routes/,
    );
    await expect(create('Route', 'R', { ApiId, RouteKey: 'FETCH /', Target: 'integrations/x' })).rejects.toThrow(
      /no route key/,
    );
    await expect(authorizer({ EnableSimpleResponses: false })).rejects.toThrow(/simple responses/);
    await expect(authorizer({ IdentitySource: ['$request.body.a'] })).rejects.toThrow(/identity source/);
    await expect(authorizer({ IdentitySource: [] })).rejects.toThrow(/identity source/);
  });
});
