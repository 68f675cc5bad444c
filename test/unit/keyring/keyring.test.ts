/** The tree of keys: who makes them, who opens them, and what opens nowhere else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccountKey } from '../../../shared/keyring/account-key.ts';
import { blockKey } from '../../../shared/keyring/block-key.ts';
import { accountKeyPlace } from '../../../shared/keyring/keyring-keys.ts';
import { SealError, seal } from '../../../shared/platform/sealing.ts';
import { freshBucket, freshNames, openRing, PRODUCT, type Ring } from './ring.ts';

let ring: Ring;
beforeAll(async () => {
  ring = await openRing();
});
afterAll(() => ring?.close());

const missing = { name: 'NoKeyError', reason: 'missing' };
const destroyed = { name: 'NoKeyError', reason: 'destroyed' };

describe('the key of an account', () => {
  it('is made once, in two copies under two keys of KMS', async () => {
    const session = await ring.openAccount();
    const key = await session.key();
    expect(key).toHaveLength(32);
    await createAccountKey(session);
    expect(await ring.again(session).key()).toEqual(key);
    const place = accountKeyPlace(session.account);
    const [row, copy] = [await ring.row(place), await ring.copy(place)];
    expect(row?.key).toBeInstanceOf(Uint8Array);
    expect(copy).not.toEqual(row?.key);
    for (const wrapped of [row?.key, copy])
      expect(Buffer.from(wrapped as Uint8Array).includes(Buffer.from(key))).toBe(false);
  });

  it('is finished by a rerun, wherever its making died', async () => {
    const making = async (last: number) => {
      const { account } = await ring.openAccount();
      const place = accountKeyPlace(account);
      await ring.loseRow(place);
      await ring.loseCopy(place);
      const session = ring.process()(account);
      await ring.dyingAfter(last, () => createAccountKey(session));
      const copyBefore = await ring.copy(place);
      await createAccountKey(ring.process()(account));
      expect(await ring.process()(account).key()).toHaveLength(32);
      if (copyBefore) expect(await ring.copy(place)).toEqual(copyBefore);
      expect(await ring.copy(place)).toBeDefined();
    };
    // Read, make, wrap again, the copy, the row.
    for (let last = 1; last <= 5; last++) await making(last);
  });

  it('that was never made is missing, and so is all below it', async () => {
    const session = ring.process()('acc_nobody');
    await expect(session.key()).rejects.toMatchObject(missing);
    await expect(session.keys.ensure(freshBucket())).rejects.toMatchObject(missing);
  });
});

describe('a data key', () => {
  it('is missing until it is made, and then the same for everybody', async () => {
    const session = await ring.openAccount();
    for (const name of freshNames()) {
      await expect(session.keys.open(name)).rejects.toMatchObject(missing);
      const key = await session.keys.ensure(name);
      expect(key).toHaveLength(32);
      const other = ring.again(session);
      expect([await other.keys.open(name), await other.keys.ensure(name)]).toEqual([key, key]);
      const place = ring.placeOf(session, name);
      expect(await ring.copy(place)).toEqual(Buffer.from((await ring.row(place))?.key as Uint8Array));
    }
  });

  it('is one key, however many ask for it at once', async () => {
    const session = await ring.openAccount();
    const name = freshBucket();
    const processes = Array.from({ length: 4 }, () => ring.again(session));
    const keys = await Promise.all([...processes, ...processes].map(({ keys }) => keys.ensure(name)));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(await ring.again(session).keys.open(name)).toEqual(Buffer.from(keys[0] ?? []));
  });

  it('is made also while somebody finds it missing', async () => {
    const session = await ring.openAccount();
    const name = freshBucket();
    const looking = session.keys.open(name);
    const [found, made] = await Promise.allSettled([looking, session.keys.ensure(name)]);
    expect(made.status).toBe('fulfilled');
    expect(found).toMatchObject({ status: 'rejected', reason: missing });
  });

  it('is finished by a rerun, wherever its making died', async () => {
    const session = await ring.openAccount();
    const steps = await ring.callsOf(() => ring.again(session).keys.ensure(freshBucket()));
    expect(steps).toBeGreaterThanOrEqual(4);
    for (let last = 1; last <= steps; last++) {
      const name = freshBucket();
      await ring.dyingAfter(last, () => ring.again(session).keys.ensure(name));
      const key = await ring.again(session).keys.ensure(name);
      expect(await ring.again(session).keys.open(name)).toEqual(key);
      expect(await ring.copy(ring.placeOf(session, name))).toBeDefined();
    }
  });

  it('is not made when its second copy can’t be', async () => {
    const session = await ring.openAccount();
    const name = freshBucket();
    ring.door.door.faults.fail({ service: 's3', action: 'PutObject', error: { code: 'SlowDown', status: 503 } });
    try {
      await expect(session.keys.ensure(name)).rejects.toMatchObject({ name: 'SlowDown' });
    } finally {
      ring.door.door.faults.clear();
    }
    expect(await ring.row(ring.placeOf(session, name))).toBeUndefined();
    expect(await session.keys.ensure(name)).toHaveLength(32);
  });

  it('opens at no other key, in no other account and store', async () => {
    const [acme, globex] = [await ring.openAccount(), await ring.openAccount()];
    const [bucket, device, day] = freshNames();
    await acme.keys.ensure(bucket);
    const stolen = (await ring.row(ring.placeOf(acme, bucket)))?.key as Uint8Array;
    for (const [session, name] of [
      [acme, device],
      [acme, day],
      [acme, freshBucket()],
      [globex, bucket],
    ] as const) {
      const place = ring.placeOf(session, name);
      await ring.putRow(place, { key: stolen });
      await expect(ring.again(session).keys.open(name)).rejects.toThrow(SealError);
      await ring.loseRow(place);
      await ring.putCopy(place, stolen);
      await expect(ring.again(session).keys.open(name)).rejects.toThrow(SealError);
      await expect(ring.again(session).keys.ensure(name)).rejects.toThrow(SealError);
      expect(await ring.row(place)).toBeUndefined();
    }
    const place = ring.placeOf(acme, bucket);
    const elsewhere = { account: acme.account, store: 'entities', ...place.row };
    await ring.putRow(place, { key: seal(await acme.key(), elsewhere, new Uint8Array(32)) });
    await expect(ring.again(acme).keys.open(bucket)).rejects.toThrow(SealError);
  });

  it('of another account’s key wrapped by KMS is nothing to this one', async () => {
    const [acme, globex] = [await ring.openAccount(), await ring.openAccount()];
    const { key } = (await ring.row(accountKeyPlace(globex.account))) ?? {};
    await ring.putRow(accountKeyPlace(acme.account), { key: key as Uint8Array });
    await expect(ring.again(acme).key()).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });
});

describe('without KMS', () => {
  it('nothing is opened and nothing is made; afterwards all is as before', async () => {
    const { account } = await ring.openAccount();
    const name = freshBucket();
    await ring.process()(account).keys.ensure(name);
    const session = ring.process()(account);
    const away = { name: 'KMSInternalException' };
    ring.door.door.faults.fail({ service: 'kms', action: '*', error: { code: 'KMSInternalException', status: 500 } });
    try {
      await expect(session.key()).rejects.toMatchObject(away);
      await expect(session.keys.open(name)).rejects.toMatchObject(away);
      await expect(session.keys.ensure(freshBucket())).rejects.toMatchObject(away);
      await expect(createAccountKey(ring.process()('acc_new'))).rejects.toMatchObject(away);
    } finally {
      ring.door.door.faults.clear();
    }
    expect(await session.keys.open(name)).toHaveLength(32);
    await expect(ring.process()('acc_new').key()).rejects.toMatchObject(missing);
  });
});

describe('the key of blocks', () => {
  const device = 'dev_1';
  it('is that of one bucket and one device, and ends with either', async () => {
    const session = await ring.openAccount();
    const names = { bucket: 'bkt_1', product: PRODUCT, device };
    await expect(blockKey(session, names)).rejects.toMatchObject(missing);
    for (const bucket of ['bkt_1', 'bkt_2']) await session.keys.ensure({ bucket });
    await expect(blockKey(session, names)).rejects.toMatchObject(missing);
    for (const one of [device, 'dev_2']) await session.keys.ensure({ product: PRODUCT, device: one });
    const key = await blockKey(session, names);
    expect(key).toHaveLength(32);
    expect(await blockKey(ring.again(session), names)).toEqual(key);
    expect(await blockKey(session, { ...names, bucket: 'bkt_2' })).not.toEqual(key);
    expect(await blockKey(session, { ...names, device: 'dev_2' })).not.toEqual(key);
    await session.keys.destroy({ bucket: 'bkt_2' });
    await expect(blockKey(session, { ...names, bucket: 'bkt_2' })).rejects.toMatchObject(destroyed);
    await session.keys.destroy({ product: PRODUCT, device });
    await expect(blockKey(session, names)).rejects.toMatchObject(destroyed);
  });
});
