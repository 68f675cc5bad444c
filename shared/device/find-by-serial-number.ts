/** The device of a product that has a serial number, as connectors look it up; and one that is made where there is none. */
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { ConditionFailed } from '../platform/entity.ts';
import type { NewId } from '../platform/ids.ts';
import { Contention } from '../platform/transact.ts';
import { addDevice } from './add-device.ts';
import { serials } from './serial-store.ts';

interface Wanted {
  readonly product: string;
  readonly serialNumber: string;
}

/** Of several with the same serial number, the one that was made first; `undefined` where there is none. */
export const findBySerialNumber = async (session: AccountSession, wanted: Wanted): Promise<string | undefined> =>
  (await serials.find(session, wanted)).device;

/** Against others that make the same device, or delete it, at the same time. */
const TRIES = 5;

/**
 * Exactly one device, however many ask at once: all make the one that the claim names. `addThing` has its thing made, answers its number, and may
 * be asked again.
 */
export const findOrMake =
  (deps: { now: Now; newId: NewId; addThing: (device: string) => Promise<{ number: number }> }) =>
  async (session: AccountSession, { name, ...wanted }: Wanted & { name: string }): Promise<string> => {
    for (let tries = 0; tries < TRIES; tries++) {
      const { device, claim } = await serials.find(session, wanted);
      if (device !== undefined) return device;
      const id = claim ?? deps.newId('device');
      if (claim === undefined && !(await serials.claim(session, { ...wanted, device: id }))) continue;
      await session.keys.ensure({ product: wanted.product, device: id });
      const { number } = await deps.addThing(id);
      try {
        const provided = [await serials.requireClaim(session, { ...wanted, device: id })];
        const { product, serialNumber } = wanted;
        await addDevice(session, deps.now(), { id, product, number, name, serialNumber }, provided);
        return id;
      } catch (error) {
        if (!(error instanceof ConditionFailed) && !(error instanceof Contention)) throw error;
      }
    }
    throw new Contention(new Error('A device was made and deleted again and again.'));
  };
