/** The newest reading of each device of a bucket, by device id. */
import { sealCursor } from '../api/cursor.ts';
import type { UseCase } from '../api/edge.ts';
import { pageStart } from '../api/page.ts';
import { pageOfDeviceIds } from '../device/find-device.ts';
import type { Now } from '../platform/clock.ts';
import { findSource } from './find-source.ts';
import { type FoundReading, PAGE_BYTES } from './page-collector.ts';
import { readNewest } from './read-newest.ts';
import { readingsRoutes } from './readings-api.ts';
import { jsonLine, shownReading } from './render-readings.ts';

export const latestReadings =
  (deps: { now: Now }): UseCase<typeof readingsRoutes.latest> =>
  async ({ session }, { params, query: { stream, limit, cursor } }) => {
    const { bucket, source } = await findSource(session, deps.now(), params.id, { stream });
    const scope = { route: readingsRoutes.latest.id, filters: [params.id, stream] };
    const after = await pageStart(session, scope, cursor);
    const { product, device } = bucket.plain.source;
    // Of the devices that it may have collected: which of them it has is known only by their readings.
    const page = device === undefined ? await pageOfDeviceIds(session, { product, limit, after }) : { ids: [device] };
    const newest = await readNewest(session, { ...source, device }, page.ids);

    const items: FoundReading[] = [];
    let last = 'last' in page ? page.last : undefined;
    let bytes = 0;
    for (const id of page.ids) {
      const found = newest.get(id);
      if (!found) continue;
      bytes += Buffer.byteLength(jsonLine(found, undefined));
      if (items.length > 0 && bytes > PAGE_BYTES) {
        last = items.at(-1)?.device;
        break;
      }
      items.push(found);
    }
    const next = last && (await sealCursor(session, scope, last));
    const shown = items.map((found) => shownReading(found, undefined));
    return { body: next === undefined ? { items: shown } : { items: shown, next }, next };
  };
