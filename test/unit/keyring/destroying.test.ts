/** Destroying keys: verified, finished by calling again wherever it died, and nothing brings one back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { healKeyring } from '../../../shared/keyring/heal-keyring.ts';
import type { AccountSession, DataKeyName } from '../../../shared/platform/account-session.ts';
import { freshBucket, freshNames, openRing, PRODUCT, type Ring } from './ring.ts';

let ring: Ring;
beforeAll(async () => {
  ring = await openRing();
});
afterAll(() => ring?.close());

const destroyed = { name: 'NoKeyError', reason: 'destroyed' };

/** In no process that looks now, whatever it tries, and in neither store. */
async function isGone(of: AccountSession, name: DataKeyName) {
  await healKeyring(ring.again(of));
  await healKeyring(ring.again(of), PRODUCT);
  const session = ring.again(of);
  await expect(session.keys.open(name)).rejects.toMatchObject(destroyed);
  await expect(session.keys.ensure(name)).rejects.toMatchObject(destroyed);
  const place = ring.placeOf(of, name);
  expect(Object.keys((await ring.row(place)) ?? {}).sort()).toEqual(['destroyed', 'pk', 'sk']);
  expect(await ring.copy(place)).toBeUndefined();
}

describe('a key that is destroyed', () => {
  it('is gone at once here, from both stores, and for good', async () => {
    const session = await ring.openAccount();
    for (const name of freshNames()) {
      await session.keys.ensure(name);
      await session.keys.destroy(name);
      await expect(session.keys.open(name)).rejects.toMatchObject(destroyed);
      await isGone(session, name);
    }
  });

  it('may be destroyed again, also before it was ever made, and keeps the time of the first', async () => {
    const { account } = await ring.openAccount();
    const at = (now: number) => ring.process({ now: () => now })(account);
    const name = freshBucket();
    await at(1000).keys.destroy(name);
    await at(2000).keys.destroy(name);
    expect((await ring.row(ring.placeOf(at(0), name)))?.destroyed).toBe(1000);
    await isGone(at(0), name);
  });

  it('is gone after the next call, wherever the first one died', async () => {
    const session = await ring.openAccount();
    const first = freshBucket();
    await session.keys.ensure(first);
    const steps = await ring.callsOf(() => ring.again(session).keys.destroy(first));
    expect(steps).toBe(4);
    for (let last = 1; last <= steps; last++) {
      const name = freshBucket();
      await session.keys.ensure(name);
      await ring.dyingAfter(last, () => ring.again(session).keys.destroy(name));
      // From the first step on nobody opens it, and healing goes the way of the destruction.
      await expect(ring.again(session).keys.open(name)).rejects.toMatchObject(destroyed);
      await ring.again(session).keys.destroy(name);
      await isGone(session, name);
    }
  });

  it('is not healed from what a destruction that died left behind', async () => {
    const session = await ring.openAccount();
    for (const name of freshNames()) {
      await session.keys.ensure(name);
      await ring.dyingAfter(1, () => ring.again(session).keys.destroy(name));
      expect(await ring.copy(ring.placeOf(session, name))).toBeDefined();
      await isGone(session, name);
    }
  });

  it('stays destroyed through makings and healings that it overtakes, at each of their steps', async () => {
    const session = await ring.openAccount();
    const heal = () => healKeyring(ring.again(session));
    const works: readonly [(name: DataKeyName) => Promise<void>, (name: DataKeyName) => Promise<unknown>][] = [
      [async () => {}, (name) => ring.again(session).keys.ensure(name)],
      [async (name) => void (await ring.loseRow(ring.placeOf(session, name))), heal],
      [async (name) => void (await ring.loseCopy(ring.placeOf(session, name))), heal],
    ];
    for (const [i, [prepare, work]] of works.entries()) {
      const setUp = async () => {
        const name = freshBucket();
        if (i > 0) await session.keys.ensure(name);
        await prepare(name);
        return name;
      };
      const sample = await setUp();
      const steps = await ring.callsOf(() => work(sample));
      for (let step = 1; step < steps; step++) {
        const name = await setUp();
        const destroy = () => ring.again(session).keys.destroy(name);
        // However it ends: what counts is what is left.
        await Promise.allSettled([ring.between(step, () => work(name), destroy)]);
        await expect(ring.again(session).keys.open(name), `work ${i}, step ${step}`).rejects.toMatchObject(destroyed);
        expect(await ring.copy(ring.placeOf(session, name)), `work ${i}, step ${step}`).toBeUndefined();
      }
    }
  });
});

describe('a destruction that can’t be verified', () => {
  it('fails, and is finished by calling again', async () => {
    const session = await ring.openAccount();
    const name = freshBucket();
    const place = ring.placeOf(session, name);
    await session.keys.ensure(name);
    const wrapped = (await ring.row(place))?.key as Uint8Array;
    const steps = 2;
    const failed = ring.between(
      steps,
      () => ring.again(session).keys.destroy(name),
      () => ring.putCopy(place, wrapped),
    );
    await expect(failed).rejects.toMatchObject({ name: 'KeyRemains' });
    await session.keys.destroy(name);
    await isGone(session, name);
  });
});
