/** A million readings of one device in hour blocks, as compaction leaves them, in an account that can be exported. */
import { systemSessions } from '../../../shared/keyring/system-sessions.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import { productKey } from '../../../shared/product/product-keys.ts';
import { products } from '../../../shared/product/product-store.ts';
import { mergeIntoSpan } from '../../../shared/readings/blocks/block-store.ts';
import { DAY_MS, HOUR_MS, hourOf } from '../../../shared/readings/blocks/spans.ts';
import { rowsBySpan } from '../../../shared/readings/compaction/sort-rows.ts';
import { memoryCloud } from '../cloud/memory-cloud.ts';
import { sender } from '../cost/sender.ts';
import { START } from '../load/batches.ts';
import { fleetOf } from '../load/fleet.ts';
import { ingestDeps } from '../load/ingest-functions.ts';
import { openDevices } from '../load/open-devices.ts';
import { openFleet } from '../load/open-fleet.ts';
import { randomFrom } from '../load/telemetry.ts';

/** A reading a second. */
const PACE_MS = 1000;
const DAYS = 12;

export async function millionReadings() {
  const cloud = memoryCloud();
  const fleet = fleetOf(1);
  const { account, product, bucket, stations } = fleet;
  const device = stations[0]?.device ?? '';
  const end = START + DAYS * DAY_MS;
  const deps = ingestDeps(cloud, () => end);
  const session = systemSessions(deps)(account);
  await openFleet(deps, fleet);
  await openDevices(session, fleet);
  const made = products.make(productKey(account, product), START, { id: product }, { name: 'Station' });
  await writeTogether(session, await products.add(session, made));
  const next = sender(fleet, { device, paceMs: PACE_MS, random: randomFrom(DAYS) });
  let readings = 0;
  for (let hour = START; hour < end; hour += HOUR_MS) {
    const { stream, rows } = next(hour + HOUR_MS);
    readings += rows.length;
    for (const { span, rows: own } of rowsBySpan([{ device, stream, buckets: [bucket], rows }], hourOf))
      await mergeIntoSpan(session, { product, bucket, device }, { span, rows: own, ttl: undefined });
  }
  return { cloud, session, readings, end, owner: { product, bucket, device } };
}
export type Million = Awaited<ReturnType<typeof millionReadings>>;
