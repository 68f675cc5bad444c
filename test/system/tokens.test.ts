/** Access tokens: how a program gets one, and every kind of token that opens no door. */
import { createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, clientToken, openAccount, operatorToken, type Program, request } from '../support/api.ts';
import { acceptInvitation } from '../support/person.ts';
import { sharedHost } from '../support/shared-host.ts';
import { readToken, signHs256, signRs256, strangersKey, writeToken } from '../support/tokens.ts';

/** Seconds that a token lives. */
const HOUR = 3600;

const host = sharedHost();
let acme: Program;
let idToken: string;
let refreshToken: string;
let publicKey: Record<string, string>;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  const tokens = await acceptInvitation(host.endpoints, acme.owner.email, 'openid custodia/devices.read');
  idToken = tokens.id_token ?? '';
  refreshToken = tokens.refresh_token ?? '';
  const { keys } = JSON.parse(await (await fetch(host.endpoints.oauth.jwksUrl)).text());
  publicKey = keys.find(({ kid }: { kid: string }) => kid === readToken(acme.token).header.kid);
});

function expectRefused(answer: Answer) {
  expect(answer.status, answer.text).toBe(401);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  expect(answer.body).toMatchObject({ type: 'urn:custodia:problem:invalid-token', status: 401 });
}

const ask = (authorization: string, path = '/v1/devices') =>
  request(host.endpoints, 'GET', path, { headers: { authorization } });

/** Made from the program's own token, which is good. */
const BAD: Record<string, () => string> = {
  'no token at all': () => 'abc',
  'three parts of nothing': () => 'a.b.c',
  'a header that is no JSON': () => `${Buffer.from('nonsense').toString('base64url')}.e30.e30`,
  'a token without its signature': () => writeToken({ ...readToken(acme.token), signature: '' }),
  'a signature of another token': () => {
    const { header, claims, signature } = readToken(acme.token);
    return writeToken({ header, claims: { ...claims, scope: 'custodia/devices.read' }, signature });
  },
  'other claims under a good signature': () => {
    const parts = readToken(acme.token);
    return writeToken({ ...parts, claims: { ...parts.claims, client_id: 'somebody-else', sub: 'somebody-else' } });
  },
  'a signature of a stranger': () => {
    const { header, claims } = readToken(acme.token);
    return signRs256(header, claims, strangersKey());
  },
  'a key that nobody knows': () => {
    const { header, claims } = readToken(acme.token);
    return signRs256({ ...header, kid: 'unknown' }, claims, strangersKey());
  },
  'a key that the token brings along': () => {
    const { header, claims } = readToken(acme.token);
    const key = strangersKey();
    const jwk = createPublicKey(key).export({ format: 'jwk' });
    return signRs256({ ...header, jwk, jku: 'http://127.0.0.1:9/jwks.json' }, claims, key);
  },
  'a foreign issuer': () => {
    const { header, claims } = readToken(acme.token);
    const iss = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Foreign00';
    return signRs256(header, { ...claims, iss }, strangersKey());
  },
  'no algorithm': () => {
    const { claims } = readToken(acme.token);
    return writeToken({ header: { alg: 'none', typ: 'JWT' }, claims, signature: '' });
  },
  'no algorithm, with the key’s name': () => {
    const { header, claims, signature } = readToken(acme.token);
    return writeToken({ header: { ...header, alg: 'none' }, claims, signature });
  },
  'the public key as a shared secret': () => {
    const { header, claims } = readToken(acme.token);
    const pem = createPublicKey({ key: publicKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    return signHs256(header, claims, String(pem));
  },
  'an ID token': () => idToken,
  'a refresh token': () => refreshToken,
};

describe('a token that is refused', () => {
  it.each(Object.entries(BAD))('%s', async (_, make) => {
    const token = make();
    for (const path of ['/v1/devices', '/v1/memberships', '/v1/operator/accounts']) {
      expectRefused(await ask(`Bearer ${token}`, path));
    }
  });

  it.each(['Basic', 'Token', 'DPoP'])('a good one, sent as %s', async (scheme) => {
    expectRefused(await ask(`${scheme} ${acme.token}`));
  });

  it('none in the Authorization header: the gateway says so itself', async () => {
    for (const path of ['/v1/devices', `/v1/devices?access_token=${acme.token}`]) {
      const answer = await request(host.endpoints, 'GET', path);
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({ message: 'Unauthorized' });
    }
  });

  it('a good one in the query, a form or the body, beside a bad one in the header', async () => {
    const bad = { authorization: 'Bearer abc' };
    expectRefused(await ask(bad.authorization, `/v1/devices?access_token=${acme.token}`));
    const { token } = acme;
    const inBody = { headers: bad, body: { name: 'x', access_token: token } };
    expectRefused(await request(host.endpoints, 'POST', '/v1/products', inBody));
    const form = { headers: { ...bad, 'content-type': 'application/x-www-form-urlencoded' } };
    const inForm = { ...form, raw: new URLSearchParams({ access_token: token }).toString() };
    expectRefused(await request(host.endpoints, 'POST', '/v1/products', inForm));
  });

  it('does no harm to a good one: the next request with it is answered', async () => {
    for (const make of Object.values(BAD)) await ask(`Bearer ${make()}`);
    expect((await acme.get('/v1/devices')).status).toBe(200);
  });

  it('is no matter where no token is needed', async () => {
    expect((await ask('Bearer abc', '/v1')).status).toBe(200);
  });
});

describe('the token endpoint', () => {
  const form = async (fields: Record<string, string>) => {
    const answer = await fetch(host.endpoints.oauth.tokenUrl, { method: 'POST', body: new URLSearchParams(fields) });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  const GRANT = { grant_type: 'client_credentials' };
  const scopesOf = (token: string) => String(readToken(token).claims.scope).split(' ').toSorted();

  it('takes client_secret_basic and client_secret_post, and grants all that the client has where none is asked for', async () => {
    const { clientId: client_id, clientSecret: client_secret } = acme.client;
    const { body: posted } = await form({ ...GRANT, client_id, client_secret });
    expect(posted).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(posted).not.toHaveProperty('refresh_token');
    const basic = await clientToken(host.endpoints, acme.client);
    const granted = [...acme.client.scopes].toSorted();
    expect(scopesOf(posted.access_token)).toEqual(granted);
    expect(scopesOf(basic)).toEqual(granted);
    for (const token of [posted.access_token, basic]) {
      expect((await request(host.endpoints, 'GET', '/v1/account', { token })).status).toBe(200);
    }
  });

  it('grants no more than is asked for, and the API then allows no more', async () => {
    const token = await clientToken(host.endpoints, acme.client, 'custodia/devices.read custodia/products.write');
    expect(scopesOf(token)).toEqual(['custodia/devices.read', 'custodia/products.write']);
    const as = (method: string, path: string, body?: unknown) => request(host.endpoints, method, path, { token, body });
    expect((await as('GET', '/v1/devices')).status).toBe(200);
    expect((await as('POST', '/v1/products', { name: 'p' })).status).toBe(201);
    for (const [method, path] of [
      ['GET', '/v1/products'],
      ['POST', '/v1/devices'],
      ['GET', '/v1/account'],
      ['DELETE', '/v1/devices/dev_01jz8k3m5nq7r9t1v3w5x7y9z2'],
    ] as const) {
      const answer = await as(method, path, method === 'POST' ? {} : undefined);
      expect(answer.status, `${method} ${path}`).toBe(403);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.body).toMatchObject({
        type: 'urn:custodia:problem:forbidden',
        detail: expect.stringMatching(/custodia\//),
      });
    }
  });

  it('refuses a scope that the client was not granted', async () => {
    const { clientId: client_id, clientSecret: client_secret } = acme.client;
    for (const scope of ['custodia/operator', 'custodia/devices.fly', 'custodia/devices.read custodia/operator']) {
      const answer = await form({ ...GRANT, client_id, client_secret, scope });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ error: 'invalid_scope' });
    }
  });

  it('refuses a wrong secret, an unknown client, and another way than client credentials', async () => {
    const { clientId: client_id, clientSecret: client_secret } = acme.client;
    const { publicClientId } = host.endpoints.oauth;
    const cases: [Record<string, string>, string][] = [
      [{ ...GRANT, client_id, client_secret: `${client_secret}x` }, 'invalid_client'],
      [{ ...GRANT, client_id }, 'invalid_client'],
      [{ ...GRANT, client_id: 'unknown', client_secret }, 'invalid_client'],
      [{ ...GRANT, client_id: publicClientId }, 'unauthorized_client'],
      [{ grant_type: 'password', client_id, client_secret }, 'unsupported_grant_type'],
    ];
    for (const [fields, error] of cases) {
      const answer = await form(fields);
      expect(answer.status).toBe(400);
      expect(answer.body.error, JSON.stringify(fields)).toBe(error);
    }
  });
});

describe('an expired token', () => {
  it('is refused from its hour on, and its program gets another', async () => {
    const operator = await operatorToken(host.endpoints);
    await host.advance(HOUR - 60);
    expect((await acme.get('/v1/devices')).status).toBe(200);
    await host.advance(120);
    expectRefused(await acme.get('/v1/devices'));
    expectRefused(await ask(`Bearer ${operator}`, '/v1/operator/accounts'));
    const token = await clientToken(host.endpoints, acme.client);
    expect((await request(host.endpoints, 'GET', '/v1/devices', { token })).status).toBe(200);
  });
});
