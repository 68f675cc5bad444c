import { createHash } from 'node:crypto';
import http from 'node:http';
import {
  CopyObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { place } from '../front-door/door.ts';
import { bytesOf, openS3Door, type S3Door } from './s3-door.ts';

type Presignable = GetObjectCommand | PutObjectCommand | CopyObjectCommand;
interface SignableRequest {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
}
interface Signer {
  presign(request: SignableRequest, options: object): Promise<SignableRequest>;
}

let door: S3Door;
let owner: S3Client;
let Bucket: string;

beforeAll(async () => {
  door = await openS3Door();
  owner = door.client('Owner');
  Bucket = (
    await door.create('Bucket', {
      CorsConfiguration: {
        CorsRules: [
          {
            AllowedOrigins: ['https://*.example.org'],
            AllowedMethods: ['GET', 'PUT'],
            AllowedHeaders: ['content-type', 'x-amz-meta-*'],
            ExposedHeaders: ['ETag'],
            MaxAge: 600,
          },
        ],
      },
    })
  ).ref;
  await owner.send(new PutObjectCommand({ Bucket, Key: 'a/ü b', Body: 'content' }));
});
afterAll(() => door.close());

/** As @aws-sdk/s3-request-presigner does, with the SDK's own serializer and signer: the request is signed and not sent. */
async function presign(command: Presignable, expiresIn = 60, client = owner): Promise<URL> {
  const signer = (await client.config.signer()) as unknown as Signer;
  let signed: SignableRequest | undefined;
  client.middlewareStack.add(
    () => async (args) => {
      const { request } = args as { request: SignableRequest };
      // Set anew by whoever uses the URL; the SDK's checksum would be that of a body that isn't there yet.
      for (const name of Object.keys(request.headers))
        if (/^(content-|user-agent|x-amz-user-agent|amz-sdk-|x-amz-(sdk-)?checksum)/.test(name))
          delete request.headers[name];
      request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      request.headers.host ??= `${request.hostname}:${request.port}`;
      signed = await signer.presign(request, {
        expiresIn,
        signingDate: new Date(door.clock.now()),
        signingRegion: place.region,
        signingService: 's3',
        unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      });
      throw new Error('not to be sent');
    },
    { step: 'build', priority: 'low', name: 'presign', override: true },
  );
  await client.send(command as GetObjectCommand).catch(() => {});
  client.middlewareStack.remove('presign');
  if (!signed) throw new Error('nothing was signed');
  const query = Object.entries(signed.query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return new URL(`http://${signed.hostname}:${signed.port}${signed.path}?${query.join('&')}`);
}

const code = async (answer: Response) => /<Code>(\w+)/.exec(await answer.text())?.[1];
const stored = async (Key: string) => bytesOf(await owner.send(new GetObjectCommand({ Bucket, Key })));

describe('a presigned GET', () => {
  it('works until it expires', async () => {
    const disposition = 'attachment; filename="report.gz"';
    const url = await presign(new GetObjectCommand({ Bucket, Key: 'a/ü b', ResponseContentDisposition: disposition }));
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([200, 'content']);
    expect(answer.headers.get('content-disposition')).toBe(disposition);
    const range = await fetch(url, { headers: { range: 'bytes=0-2' } });
    expect([range.status, await range.text()]).toEqual([206, 'con']);
    door.clock.advance(61_000);
    const late = await fetch(url);
    expect([late.status, await code(late)]).toEqual([403, 'AccessDenied']);
  });

  it('is refused when it is altered', async () => {
    const alterations: ((url: URL) => void)[] = [
      (url) => {
        url.pathname = `/${Bucket}/other`;
      },
      (url) => url.searchParams.set('X-Amz-Expires', '6000'),
      (url) => url.searchParams.append('response-content-type', 'text/html'),
      (url) => url.searchParams.append('X-Amz-Copy-Source', `${Bucket}/x`),
      (url) => url.searchParams.set('X-Amz-Date', '20990101T000000Z'),
    ];
    for (const alter of alterations) {
      const url = await presign(new GetObjectCommand({ Bucket, Key: 'a/ü b' }));
      alter(url);
      const answer = await fetch(url);
      expect([answer.status, await answer.text()]).toEqual([403, expect.not.stringContaining('content')]);
    }
    const other = await fetch(await presign(new GetObjectCommand({ Bucket, Key: 'a/ü b' })), { method: 'DELETE' });
    expect([other.status, await code(other)]).toEqual([403, 'SignatureDoesNotMatch']);
    const header = { 'x-amz-copy-source': `${Bucket}/x` };
    const more = await fetch(await presign(new GetObjectCommand({ Bucket, Key: 'a/ü b' })), { headers: header });
    expect(more.status).toBe(403);
  });

  it('gives no more than its signer has', async () => {
    const arn = `arn:aws:s3:::${Bucket}/accounts/A/*`;
    const limited = door.client('Limited', [
      { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:*', Resource: arn } },
    ]);
    for (const command of [
      new GetObjectCommand({ Bucket, Key: 'a/ü b' }),
      new GetObjectCommand({ Bucket, Key: 'accounts/A/../../a/ü b' }),
    ]) {
      const answer = await fetch(await presign(command, 60, limited));
      expect(answer.status).toBe(403);
    }
    const copy = new CopyObjectCommand({ Bucket, Key: 'accounts/A/x', CopySource: `${Bucket}/a/%C3%BC%20b` });
    const copied = await fetch(await presign(copy, 60, limited), { method: 'PUT' });
    expect([copied.status, await code(copied)]).toEqual([403, 'AccessDenied']);
  });
});

describe('a presigned PUT', () => {
  it('takes a body that nobody knew when it was signed, once it is the method signed', async () => {
    const put = new PutObjectCommand({ Bucket, Key: 'upload', Metadata: { from: 'browser' } });
    const url = await presign(put);
    const body = 'x'.repeat(300_000);
    const answer = await fetch(url, { method: 'PUT', body, headers: { 'content-type': 'text/csv' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe(`"${createHash('md5').update(body).digest('hex')}"`);
    const object = await owner.send(new GetObjectCommand({ Bucket, Key: 'upload' }));
    expect(object).toMatchObject({ ContentType: 'text/csv', Metadata: { from: 'browser' } });
    expect((await bytesOf(object)).length).toBe(body.length);
    const md5 = createHash('md5').update('other').digest('base64');
    const wrong = await fetch(url, { method: 'PUT', body: 'x', headers: { 'content-md5': md5 } });
    expect([wrong.status, await code(wrong)]).toEqual([400, 'BadDigest']);
    door.clock.advance(61_000);
    expect((await fetch(url, { method: 'PUT', body: 'late' })).status).toBe(403);
    expect((await stored('upload')).length).toBe(body.length);
  });
});

describe('a browser on another origin', () => {
  const origin = 'https://app.example.org';
  const preflight = (headers: Record<string, string>) =>
    fetch(`${door.door.url}/${Bucket}/a`, { method: 'OPTIONS', headers });

  it('asks first, without a signature', async () => {
    const answer = await preflight({
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'Content-Type, x-amz-meta-from',
    });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': 'content-type, x-amz-meta-from',
      'access-control-max-age': '600',
    });
  });

  it.each<Record<string, string>>([
    { origin: 'https://example.com', 'access-control-request-method': 'PUT' },
    { origin: 'https://app.example.org', 'access-control-request-method': 'DELETE' },
    {
      origin: 'https://app.example.org',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization',
    },
  ])('is refused what no rule allows: %j', async (headers) => {
    const answer = await preflight(headers);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });

  it('may read answers, refusals too', async () => {
    const url = await presign(new GetObjectCommand({ Bucket, Key: 'a/ü b' }));
    const answer = await fetch(url, { headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toBe('ETag');
    url.searchParams.set('X-Amz-Expires', '61');
    const refused = await fetch(url, { headers: { origin } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, origin]);
    const stranger = await fetch(url, { headers: { origin: 'https://example.com' } });
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
  });
});

it('a bucket may be named by the host, as clients of another endpoint do', async () => {
  const config: S3ClientConfig = { endpoint: `http://localhost:${door.door.port}` };
  const url = await presign(
    new GetObjectCommand({ Bucket, Key: 'a/ü b' }),
    60,
    door.client('Owner', undefined, config),
  );
  expect(url.hostname).toBe(`${Bucket}.localhost`);
  // Sent to 127.0.0.1: not every system resolves names below localhost.
  const { status, body } = await new Promise<{ status?: number; body: string }>((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: door.door.port,
      path: url.pathname + url.search,
      headers: { host: url.host },
    };
    http
      .get(options, async (answer) => {
        let body = '';
        for await (const chunk of answer) body += chunk;
        resolve({ status: answer.statusCode, body });
      })
      .on('error', reject);
  });
  expect([status, body]).toEqual([200, 'content']);
});
