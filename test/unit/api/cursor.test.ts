import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openCursor, sealCursor } from '../../../shared/api/cursor.ts';
import { seal } from '../../../shared/platform/sealing.ts';
import { sessionWith } from '../../support/session.ts';

/** A cursor needs of a session only its account and key. */
const session = (account: string, key = randomBytes(32)) => sessionWith({ account, key: async () => key });
const key = randomBytes(32);
const acme = session('acc_a', key);
const scope = { route: 'devices.list', filters: { product: 'prd_1' } };
const refused = { code: 'validation', errors: [{ pointer: '/query/cursor' }] };

describe('a cursor', () => {
  it('opens for the account, route and filters that it was made for', async () => {
    for (const position of ['dev_1', '', 'ñ 🌡', '{"ts":1}'])
      expect(await openCursor(acme, scope, await sealCursor(acme, scope, position))).toBe(position);
  });

  it('opens nowhere else', async () => {
    const cursor = await sealCursor(acme, scope, 'dev_1');
    for (const other of [
      { ...scope, route: 'products.list' },
      { ...scope, filters: { product: 'prd_2' } },
      { route: scope.route },
      { ...scope, filters: ['prd_1'] },
    ])
      await expect(openCursor(acme, other, cursor)).rejects.toMatchObject(refused);
    await expect(openCursor(session('acc_b', key), scope, cursor)).rejects.toMatchObject(refused);
    await expect(openCursor(session('acc_a'), scope, cursor)).rejects.toMatchObject(refused);
  });

  it('is not what the account’s own key seals elsewhere', async () => {
    const place = { account: 'acc_a', store: 'cursor', pk: scope.route, sk: JSON.stringify(scope.filters) };
    const stored = Buffer.from(seal(key, place, Buffer.from('dev_1'))).toString('base64url');
    await expect(openCursor(acme, scope, stored)).rejects.toMatchObject(refused);
  });

  it('has one text: another that means the same bytes is none', async () => {
    const cursor = await sealCursor(acme, scope, 'dev_1');
    const { length } = Buffer.from(cursor, 'base64url');
    for (const text of [`${cursor}=`, `${cursor}\n`, ` ${cursor}`, `${cursor.slice(0, 5)}.${cursor.slice(5)}`]) {
      expect(Buffer.from(text, 'base64url')).toHaveLength(length);
      await expect(openCursor(acme, scope, text)).rejects.toMatchObject(refused);
    }
  });

  it('fails as it is, where the key can’t be had', async () => {
    const lost = { ...acme, key: () => Promise.reject(new Error('KMS is out of reach')) };
    await expect(openCursor(lost, scope, await sealCursor(acme, scope, 'x'))).rejects.toThrow('KMS is out of reach');
  });
});
