/** `Idempotency-Key`: the same request again is answered as before and done once, and never shows a secret again. */
import { beforeAll, describe, expect, it } from 'vitest';
import { clientToken, made, openAccount, type Program, program } from '../support/api.ts';
import { makeProduct } from '../support/device.ts';
import { sharedHost } from '../support/shared-host.ts';

const host = sharedHost();
let acme: Program;
let product: string;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  product = await makeProduct(acme);
});

let keys = 0;
const freshKey = () => `key ${++keys}`;
const under = (key: string) => ({ headers: { 'idempotency-key': key } });
const names = async (list: string, of: Program = acme): Promise<string[]> =>
  (await of.get(`/v1/${list}?limit=200`)).body.items.map(({ name }: { name: string }) => name);
const howMany = async (name: string, list = 'devices') => (await names(list)).filter((one) => one === name).length;

describe('the same key', () => {
  it('with the same request gets the same answer, and makes no second thing', async () => {
    const key = freshKey();
    const body = { name: 'once', product };
    const first = await acme.post('/v1/devices', body, under(key));
    made(first);
    for (let i = 0; i < 3; i++) {
      const again = await acme.post('/v1/devices', body, under(key));
      expect([again.status, again.body]).toEqual([201, first.body]);
      for (const header of ['etag', 'location', 'content-type', 'cache-control'])
        expect(again.headers.get(header), header).toBe(first.headers.get(header));
    }
    expect(await howMany('once')).toBe(1);
    // Without the key, or with another, it is another request.
    made(await acme.post('/v1/devices', body));
    made(await acme.post('/v1/devices', body, under(freshKey())));
    expect(await howMany('once')).toBe(3);
  });

  it('answers as at first, whatever became of the thing', async () => {
    const key = freshKey();
    const body = { name: 'gone', product };
    const first = await acme.post('/v1/devices', body, under(key));
    made(await acme.delete(`/v1/devices/${first.body.id}`), 204);
    expect((await acme.post('/v1/devices', body, under(key))).body).toEqual(first.body);
    expect(await howMany('gone')).toBe(0);
  });

  it('with another body, query or path is refused', async () => {
    const key = freshKey();
    const a = made(await acme.post('/v1/devices', { name: 'a', product }, under(key))).id;
    const mismatch = { status: 422, body: { type: 'urn:custodia:problem:idempotency-mismatch' } };
    expect(await acme.post('/v1/devices', { name: 'b', product }, under(key))).toMatchObject(mismatch);
    expect(await acme.post('/v1/devices', { name: 'a', product, description: '' }, under(key))).toMatchObject(mismatch);
    expect(await howMany('b')).toBe(0);
    const b = made(await acme.post('/v1/devices', { name: 'other', product })).id;
    made(await acme.post(`/v1/devices/${a}/credentials`, { kind: 'certificate' }, under(key)));
    expect(await acme.post(`/v1/devices/${b}/credentials`, { kind: 'certificate' }, under(key))).toMatchObject(
      mismatch,
    );
    expect((await acme.get(`/v1/devices/${b}/credentials`)).body.items).toEqual([]);
  });

  it('never shows a secret again', async () => {
    const { id } = made(await acme.post('/v1/devices', { name: 'secret', product }));
    const [first, again] = await twice(`/v1/devices/${id}/credentials`, { kind: 'certificate' });
    const { privateKeyPem, ...rest } = made(first);
    expect(privateKeyPem).toMatch(/^-----BEGIN [A-Z ]*PRIVATE KEY-----/);
    expect([again.status, again.body]).toEqual([201, rest]);

    const [client, replay] = await twice('/v1/api-clients', { name: 'c', scopes: ['custodia/devices.read'] });
    const { clientSecret, ...shown } = made(client);
    expect(clientSecret.length).toBeGreaterThan(20);
    expect([replay.status, replay.body]).toEqual([201, shown]);
    expect(replay.text).not.toContain(clientSecret);
    expect(again.text).not.toContain('PRIVATE');
  });

  async function twice(path: string, body: object) {
    const key = freshKey();
    return [await acme.post(path, body, under(key)), await acme.post(path, body, under(key))] as const;
  }

  it('at the same time is done once: one is told that the other still runs', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 20 && !seen.has('201 409'); round++) {
      const key = freshKey();
      const name = `race ${round}`;
      const send = () => acme.post('/v1/devices', { name, product }, under(key));
      const answers = await Promise.all([send(), send()]);
      const statuses = answers.map(({ status }) => status).sort();
      expect(['201 201', '201 409']).toContain(statuses.join(' '));
      for (const { status, body } of answers)
        if (status === 409) expect(body.type).toBe('urn:custodia:problem:in-flight');
      const ids = new Set(answers.flatMap(({ body }) => body.id ?? []));
      expect([ids.size, await howMany(name)]).toEqual([1, 1]);
      expect((await send()).body.id).toBe([...ids][0]);
      seen.add(statuses.join(' '));
    }
    expect([...seen]).toContain('201 409');
  });

  it('is another’s key for another program, account or route', async () => {
    const key = freshKey();
    const body = { name: 'scoped' };
    const scopes = ['custodia/products.write', 'custodia/products.read'];
    const client = made(await acme.post('/v1/api-clients', { name: 'second', scopes }));
    const second = program(host.endpoints, await clientToken(host.endpoints, client));
    const other = await openAccount(host.endpoints, 'Other');
    const ids = [
      made(await acme.post('/v1/products', body, under(key))).id,
      made(await second.post('/v1/products', body, under(key))).id,
      made(await other.post('/v1/products', body, under(key))).id,
      made(await acme.post('/v1/buckets', { ...body, source: {} }, under(key))).id,
    ];
    expect(new Set(ids).size).toBe(4);
    expect(await howMany('scoped', 'products')).toBe(2);
    expect((await second.post('/v1/products', body, under(key))).body.id).toBe(ids[1]);
  });
});

describe('a request that failed', () => {
  it('may be mended under the same key', async () => {
    const key = freshKey();
    const nobodys = `prd_${'0'.repeat(26)}`;
    expect((await acme.post('/v1/devices', { name: 'mended', product: nobodys }, under(key))).status).toBe(404);
    expect((await acme.post('/v1/devices', { name: '', product }, under(key))).status).toBe(400);
    expect((await acme.post('/v1/devices', { name: 'mended', product, no: 1 }, under(key))).status).toBe(400);
    made(await acme.post('/v1/devices', { name: 'mended', product }, under(key)));
    expect(await howMany('mended')).toBe(1);
  });

  it('on our side may be sent again under the same key', async () => {
    const key = freshKey();
    const body = { name: 'again', source: {} };
    const fault = { service: 'dynamodb', action: 'TransactWriteItems', code: 'ThrottlingException', status: 400 };
    await host.control('fail', fault);
    expect((await acme.post('/v1/buckets', body, under(key))).status).toBe(503);
    await host.control('heal');
    made(await acme.post('/v1/buckets', body, under(key)));
    made(await acme.post('/v1/buckets', body, under(key)));
    expect(await howMany('again', 'buckets')).toBe(1);
  });
});

describe('a key', () => {
  it('has 1 to 255 characters', async () => {
    for (const key of ['', 'k'.repeat(256)]) {
      const refused = await acme.post('/v1/products', { name: 'long' }, under(key));
      expect([key.length, refused.status]).toEqual([key.length, 400]);
    }
    made(await acme.post('/v1/products', { name: 'long' }, under('k'.repeat(255))));
    expect(await howMany('long', 'products')).toBe(1);
  });

  it('is forgotten after a day, and no sooner', async () => {
    const key = freshKey();
    const body = { name: 'daily' };
    const DAY = 24 * 3600_000;
    const first = made(await acme.post('/v1/products', body, under(key))).id;
    const answerAfter = async (ms: number) => {
      await host.control('clock', { advance: ms });
      const later = program(host.endpoints, await clientToken(host.endpoints, acme.client));
      return made(await later.post('/v1/products', body, under(key))).id;
    };
    expect(await answerAfter(DAY - 60_000)).toBe(first);
    expect(await answerAfter(120_000)).not.toBe(first);
    await host.control('clock', { reset: true });
  });
});
