/** Healing: the table, the bucket or a key of KMS may be lost, one of them at a time, and nothing is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { healKeyring } from '../../../shared/keyring/heal-keyring.ts';
import { accountKeyPlace } from '../../../shared/keyring/keyring-keys.ts';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { freshNames, openRing, PRODUCT, type Ring } from './ring.ts';

let ring: Ring;
beforeAll(async () => {
  ring = await openRing();
});
afterAll(() => ring?.close());

/** An account with a key of each kind, and what they are. */
async function opened() {
  const session = await ring.openAccount();
  const names = freshNames();
  const keysIn = (of: AccountSession) => Promise.all([of.key(), ...names.map((name) => of.keys.open(name))]);
  for (const name of names) await session.keys.ensure(name);
  const places = [accountKeyPlace(session.account), ...names.map((name) => ring.placeOf(session, name))];
  return { session, names, places, keys: await keysIn(session), keysIn };
}

async function heal(session: AccountSession) {
  await healKeyring(session);
  await healKeyring(session, PRODUCT);
}

describe('a lost table', () => {
  it('is filled again by healing', async () => {
    const { session, places, keys, keysIn } = await opened();
    for (const place of places) await ring.loseRow(place);
    await heal(ring.again(session));
    for (const place of places) expect(await ring.row(place)).toBeDefined();
    expect(await keysIn(ring.again(session))).toEqual(keys);
  });

  it('is filled again by whoever opens a key, or wants to make it', async () => {
    const { session, names, places, keys, keysIn } = await opened();
    for (const place of places) await ring.loseRow(place);
    expect(await keysIn(ring.again(session))).toEqual(keys);
    for (const place of places) {
      expect(await ring.row(place)).toBeDefined();
      await ring.loseRow(place);
    }
    const other = ring.again(session);
    expect(await Promise.all(names.map((name) => other.keys.ensure(name)))).toEqual(keys.slice(1));
  });
});

describe('a lost bucket', () => {
  it('is filled again by healing, with copies that restore the table', async () => {
    const { session, places, keys, keysIn } = await opened();
    for (const place of places) await ring.loseCopy(place);
    await heal(ring.again(session));
    for (const place of places) await ring.loseRow(place);
    expect(await keysIn(ring.again(session))).toEqual(keys);
  });
});

describe('a lost master key', () => {
  it('is replaced by another one, from the second copy', async () => {
    const { session, keys, keysIn } = await opened();
    const masterKeyId = await ring.makeMasterKey('NextMaster');
    const next = () => ring.process({ masterKeyId })(session.account);
    await expect(next().key()).rejects.toMatchObject({ name: 'IncorrectKeyException' });
    await heal(next());
    expect(await keysIn(next())).toEqual(keys);
  });
});

describe('healing', () => {
  it('changes nothing where nothing is lost', async () => {
    const { session, places, keys, keysIn } = await opened();
    const stand = () => Promise.all(places.flatMap((place) => [ring.row(place), ring.copy(place)]));
    const before = await stand();
    await heal(ring.again(session));
    expect(await stand()).toEqual(before);
    expect(await keysIn(ring.again(session))).toEqual(keys);
  });

  it('is finished by the next one, wherever it died', async () => {
    for (const lose of [ring.loseRow, ring.loseCopy]) {
      const { session, places, keys, keysIn } = await opened();
      const some = places.slice(0, 2);
      const loseSome = () => Promise.all(some.map(lose));
      await loseSome();
      const steps = await ring.callsOf(() => healKeyring(ring.again(session)));
      for (let last = 1; last < steps; last++) {
        await loseSome();
        await ring.dyingAfter(last, () => healKeyring(ring.again(session)));
        await healKeyring(ring.again(session));
        for (const place of some) expect([await ring.row(place), await ring.copy(place)]).not.toContain(undefined);
      }
      expect(await keysIn(ring.again(session))).toEqual(keys);
    }
  });
});
