/** A bucket's retention has changed: what stands expires by the new one. What is too old can't be read from the moment of the change. */
import { expiryOf, type Retention, retentions } from '../bucket/retention.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { readSpan, setExpiry } from './blocks/block-store.ts';
import { setCatalogExpiries } from './blocks/catalog-store.ts';
import { type DeviceDay, eachDeviceDay } from './blocks/each-device-day.ts';
import { endOf } from './blocks/spans.ts';
import { setSummaryExpiry } from './blocks/summary-store.ts';
import { EVERY_DAY } from './read-days.ts';

/** Renews a page; answers where the next begins, if there is one. May be done twice. */
export async function renewExpiries(
  session: AccountSession,
  of: { product: string; bucket: string },
  after: string | undefined,
): Promise<string | undefined> {
  const retention = (await retentions(session)).get(of.bucket);
  // Deleted meanwhile: that has a job of its own.
  if (!retention) return undefined;
  if (after === undefined) await setCatalogExpiries(session, of, (day) => expiryOf(retention, endOf(day)));
  return eachDeviceDay(session, of, { ...EVERY_DAY, after }, (one) => renewDay(session, one, retention));
}

async function renewDay(
  session: AccountSession,
  { owner, day, spans }: DeviceDay,
  retention: Retention,
): Promise<void> {
  for (const span of spans) {
    const ttl = expiryOf(retention, endOf(span));
    for (const block of await readSpan(session, owner, span)) {
      // Whoever writes it meanwhile knows the new retention.
      if (block.ttl !== ttl) await setExpiry(session, block, ttl);
    }
  }
  await setSummaryExpiry(session, owner, day, expiryOf(retention, endOf(day)));
}
