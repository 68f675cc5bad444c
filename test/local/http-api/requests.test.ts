import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, type TestGateway } from './support.ts';

type Event = APIGatewayProxyEventV2WithLambdaAuthorizer<Record<string, unknown>>;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await createGateway();
  await gateway.route('ANY /mirror/{id}', 'mirror');
  await gateway.route('POST /answer', 'answer');
  await gateway.route('GET /binary', 'binary');
  await gateway.route('GET /fail', 'fail');
  await gateway.route('GET /slow', 'slow', { integration: { TimeoutInMillis: 300 } });
  await gateway.route('GET /late', 'slow', { properties: { Timeout: 1 } });
});
afterAll(() => gateway.close());

const mirrored = async (...request: Parameters<TestGateway['http']>) => (await gateway.http(...request)).json<Event>();

describe('an event of payload format 2.0', () => {
  test('has everything of a request', async () => {
    gateway.bench.clock.offset = Date.UTC(2026, 7, 7, 1, 37, 53) - Date.now();
    const event = await mirrored('GET', '/mirror/a%20b?x=1&y=%C3%A4&x=2', {
      headers: { 'X-Many': ['1', '2'], Cookie: 'a=1; b=2', 'User-Agent': 'test', 'X-Forwarded-For': '10.1.1.1' },
    });
    gateway.bench.clock.offset = 0;
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'ANY /mirror/{id}',
      rawPath: '/mirror/a b',
      rawQueryString: 'x=1&y=%C3%A4&x=2',
      cookies: ['a=1', 'b=2'],
      headers: {
        connection: 'close',
        host: `127.0.0.1:${gateway.port}`,
        'user-agent': 'test',
        'x-many': '1,2',
        'x-forwarded-for': '10.1.1.1, 127.0.0.1',
        'x-forwarded-port': String(gateway.port),
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { x: '1,2', y: 'ä' },
      pathParameters: { id: 'a b' },
      requestContext: {
        accountId: '123456789012',
        apiId: gateway.ApiId,
        domainName: `localhost:${gateway.port}`,
        domainPrefix: 'localhost',
        http: { method: 'GET', path: '/mirror/a b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
        requestId: expect.stringMatching(/^[\w-]{15}=$/),
        routeKey: 'ANY /mirror/{id}',
        stage: '$default',
        time: expect.stringMatching(/^07\/Aug\/2026:01:37:5\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      isBase64Encoded: false,
    });
  });

  test.for([
    ['application/json; charset=utf-8', false],
    ['text/csv', false],
    ['application/xml', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['application/problem+json', true],
    [undefined, true],
  ] as const)('with a body of %s is base64-encoded: %s', async ([type, binary]) => {
    const headers: Record<string, string> = type ? { 'Content-Type': type } : {};
    const event = await mirrored('POST', '/mirror/1', { headers, body: 'ä=1' });
    expect(event.isBase64Encoded).toBe(binary);
    expect(event.body).toBe(binary ? Buffer.from('ä=1').toString('base64') : 'ä=1');
  });

  test('with a compressed body is base64-encoded', async () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    const event = await mirrored('POST', '/mirror/1', { headers, body: Buffer.from([0x1f, 0x8b]) });
    expect({ body: event.body, is: event.isBase64Encoded }).toEqual({ body: 'H4s=', is: true });
  });

  test('ends its path at an encoded question mark, and keeps what can’t be decoded', async () => {
    expect((await mirrored('GET', '/mirror/a%3Fb')).rawPath).toBe('/mirror/a');
    expect((await mirrored('GET', '/mirror/%E0%A4%A')).rawPath).toBe('/mirror/%E0%A4%A');
  });
});

describe('an answer of payload format 2.0', () => {
  const answer = (payload: unknown) =>
    gateway.http('POST', '/answer', { headers: { 'content-type': 'application/json' }, body: JSON.stringify(payload) });

  test('carries status, headers, cookies and body', async () => {
    const got = await answer({
      statusCode: 207,
      headers: { 'X-Number': 7, ETag: '"1"', 'Content-Length': '999', 'WWW-Authenticate': 'Bearer' },
      cookies: ['a=1; Path=/', 'b=2'],
      body: 'text',
    });
    expect(got).toMatchObject({ status: 207, text: 'text' });
    expect(got.headers).toMatchObject({
      'x-number': '7',
      etag: '"1"',
      'content-length': '4',
      'content-type': 'text/plain;charset=UTF-8',
      'set-cookie': ['a=1; Path=/', 'b=2'],
      'www-authenticate': 'Bearer',
      'apigw-requestid': expect.stringMatching(/=$/),
    });
  });

  test('may be bytes', async () => {
    const { body, headers } = await gateway.http('GET', '/binary');
    expect([...body]).toEqual([0x89, 0x50, 0xff]);
    expect(headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '3' });
  });

  test('is a 200 with JSON where it has no status', async () => {
    const object = await answer({ hello: 1 });
    expect({ ...object.json(), status: object.status }).toEqual({ hello: 1, status: 200 });
    expect(object.headers['content-type']).toBe('application/json');
    expect((await answer('plain')).text).toBe('plain');
    expect((await answer([1])).text).toBe('[1]');
  });

  test.for([
    { statusCode: 'many' },
    { statusCode: 200, body: { a: 1 } },
    { statusCode: 200, headers: [1] },
    { statusCode: 99 },
  ])('%j is malformed: 500', async (payload) => {
    const got = await answer(payload);
    expect({ status: got.status, text: got.text }).toEqual({
      status: 500,
      text: '{"message":"Internal Server Error"}',
    });
  });

  test('of an error is a 500 that gives nothing away', async () => {
    const got = await gateway.http('GET', '/fail');
    expect({ status: got.status, text: got.text }).toEqual({
      status: 500,
      text: '{"message":"Internal Server Error"}',
    });
  });

  test('that is late is a 503 of the gateway, or a 500 where the function timed out', async () => {
    const [slow, late] = await Promise.all([gateway.http('GET', '/slow'), gateway.http('GET', '/late')]);
    expect({ status: slow.status, text: slow.text }).toEqual({
      status: 503,
      text: '{"message":"Service Unavailable"}',
    });
    expect(late.status).toBe(500);
  });

  test('to HEAD has the headers of a body, and none', async () => {
    const got = await gateway.http('HEAD', '/mirror/1');
    expect({ status: got.status, text: got.text }).toEqual({ status: 200, text: '' });
    expect(Number(got.headers['content-length'])).toBeGreaterThan(100);
  });
});

describe('the limits', () => {
  test('10,240 bytes of request line and header values', async () => {
    const headers = (size: number) => ({ 'X-Large': 'x'.repeat(size) });
    expect((await gateway.http('GET', '/mirror/1', { headers: headers(10_100) })).status).toBe(200);
    const got = await gateway.http('GET', '/mirror/1', { headers: headers(10_240) });
    expect({ status: got.status, text: got.text }).toEqual({
      status: 431,
      text: '{"message":"Request Header Fields Too Large"}',
    });
  });

  test('10 MB of body, and 6 MB of what a function takes', async () => {
    const tooLarge = { status: 413, text: '{"message":"Request Entity Too Large"}' };
    const headers = { 'Content-Type': 'text/plain' };
    const declared = await gateway.http('POST', '/mirror/1', { headers, body: 'x'.repeat(10_485_761) });
    expect({ status: declared.status, text: declared.text }).toEqual(tooLarge);
    const chunked = await gateway.http('POST', '/mirror/1', {
      headers: { ...headers, 'Transfer-Encoding': 'chunked' },
      body: 'x'.repeat(10_485_761),
    });
    expect({ status: chunked.status, text: chunked.text }).toEqual(tooLarge);
    const event = await gateway.http('POST', '/mirror/1', { headers, body: 'x'.repeat(7_000_000) });
    expect({ status: event.status, text: event.text }).toEqual(tooLarge);
    expect((await gateway.http('POST', '/mirror/1', { headers, body: 'x'.repeat(2_000_000) })).status).toBe(200);
  });
});
