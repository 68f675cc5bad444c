/**
 * Readings that a program writes into one bucket: the request named it, so that no other bucket gets them. All or none is valid;
 * what the bucket holds already isn't stored again.
 */
import type { UseCase } from '../api/edge.ts';
import { findBucket } from '../bucket/find-bucket.ts';
import { productsOfDevices } from '../device/find-device.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { count } from '../platform/log.ts';
import type { Announce } from '../work/due.ts';
import { type CheckedReading, checkReadings } from './check-readings.ts';
import type { Row } from './codec/block.ts';
import { findHeld, sameness } from './find-held.ts';
import { keepReadings } from './keep-readings.ts';
import type { readingsRoutes } from './readings-api.ts';

export interface WriteDeps {
  readonly now: Now;
  readonly announce: Announce<{ token: string }>;
  /** A ULID of that time; blocks are in its order. */
  readonly newBlockId: (at: number) => string;
}

export const writeReadings =
  (deps: WriteDeps): UseCase<typeof readingsRoutes.write> =>
  async ({ session, token }, { params, body: { readings } }) => {
    const { plain: bucket } = await findBucket(session, params.id);
    const products = await productsOfDevices(
      session,
      readings.map(({ device }) => device),
    );
    const now = deps.now();
    const checked = checkReadings(readings, { source: bucket.source, products, now });
    const fresh = await Promise.all(
      [...Map.groupBy(firstOfEqual(checked), ({ product }) => product)].map(([product, of]) =>
        writeOfProduct(deps, session, { product, bucket: bucket.id, now, token }, of),
      ),
    );
    const stored = fresh.reduce((sum, written) => sum + written, 0);
    count(now, { ReadingsStored: stored });
    return { body: { stored, duplicates: readings.length - stored } };
  };

/** Equal readings may be written in different ways: that of the first one stays. */
function firstOfEqual(readings: readonly CheckedReading[]): Iterable<CheckedReading> {
  const distinct = new Map<string, CheckedReading>();
  for (const reading of readings) {
    const same = sameness(reading);
    if (!distinct.has(same)) distinct.set(same, reading);
  }
  return distinct.values();
}

/** Answers how many were new. */
async function writeOfProduct(
  deps: WriteDeps,
  session: AccountSession,
  at: { product: string; bucket: string; now: number; token: string },
  readings: readonly CheckedReading[],
): Promise<number> {
  const held = await findHeld(session, at, readings);
  const fresh = readings.filter((reading) => !held.has(sameness(reading)));
  if (fresh.length === 0) return 0;
  const groups = [...Map.groupBy(fresh, ({ device, stream }) => `${device} ${stream}`).values()].flatMap((of) => {
    const rows = of.map(({ ts, value }): Row => ({ ts, receivedAt: at.now, value }));
    return of.slice(0, 1).map(({ device, stream }) => ({ device, stream, buckets: [at.bucket], rows }));
  });
  const { product, now, token } = at;
  await deps.announce({ account: session.account, product }, now, { token });
  const refused = await keepReadings(session, { product, groups }, () => deps.newBlockId(now));
  if (refused.length > 0) throw new Error('No block could hold a value of the size that was checked.');
  return fresh.length;
}
