import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Credentials } from '../../../infra/local/front-door/sessions.ts';
import type { TestDoor } from './door.ts';
import { openDoor, place } from './door.ts';

let test: TestDoor;
let credentials: Credentials;

/** A GetCallerIdentity URL, signed by the letter of the specification and with no code of the host. */
function presign({ expires = '60', secret = credentials.secretAccessKey } = {}): URL {
  const date = new Date(test.clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/${place.region}/sts/aws4_request`;
  const url = new URL(test.door.url);
  const query = {
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': date,
    'X-Amz-Expires': expires,
    'X-Amz-Security-Token': credentials.sessionToken,
    'X-Amz-SignedHeaders': 'host',
  };
  const canonicalQuery = Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const nothing = createHash('sha256').digest('hex');
  const canonical = `GET\n/\n${canonicalQuery}\nhost:${url.host}\n\nhost\n${nothing}`;
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`;
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return new URL(`/?${canonicalQuery}&X-Amz-Signature=${hmac(key, text).toString('hex')}`, url);
}

beforeAll(async () => {
  test = await openDoor();
  credentials = test.session('Reader');
});
afterAll(() => test.door.close());

it('a presigned URL works until it expires', async () => {
  const url = presign();
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('assumed-role/Reader/Reader');
  test.clock.advance(61_000);
  const late = await fetch(url);
  expect(late.status).toBe(403);
  expect(await late.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
});

it('is refused when altered, signed by another secret, or valid for over a week', async () => {
  const altered = presign();
  altered.searchParams.set('Action', 'AssumeRole');
  const responses = await Promise.all(
    [altered, presign({ secret: 'x' }), presign({ expires: '604801' })].map((url) => fetch(url)),
  );
  expect(responses.map(({ status }) => status)).toEqual([403, 403, 403]);
});
