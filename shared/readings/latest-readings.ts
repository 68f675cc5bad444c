/** The newest reading of each device of a bucket, by device id. */
import { sealCursor } from '../api/cursor.ts';
import type { UseCase } from '../api/edge.ts';
import { pageStart } from '../api/page.ts';
import { findDevice, pageOfDevices } from '../device/find-device.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { findSource } from './find-source.ts';
import { type FoundReading, PAGE_BYTES } from './page-collector.ts';
import { readNewest } from './read-newest.ts';
import { readingsRoutes } from './readings-api.ts';
import { jsonLine, shownReading } from './render-readings.ts';

/** The readings that a page of 4 MB holds: at least one. */
export function firstOf(found: readonly FoundReading[]): readonly FoundReading[] {
  let bytes = 0;
  const full = found.findIndex((reading, i) => {
    bytes += Buffer.byteLength(jsonLine(reading, undefined));
    return i > 0 && bytes > PAGE_BYTES;
  });
  return full < 0 ? found : found.slice(0, full);
}

async function onlyDevice(session: AccountSession, id: string): ReturnType<typeof pageOfDevices> {
  const { plain } = await findDevice(session, id);
  return { devices: [plain] };
}

export const latestReadings =
  (deps: { now: Now }): UseCase<typeof readingsRoutes.latest> =>
  async ({ session }, { params, query: { stream, limit, cursor } }) => {
    const { bucket, source } = await findSource(session, deps.now(), params.id, { stream });
    const scope = { route: readingsRoutes.latest.id, filters: [params.id, stream] };
    const after = await pageStart(session, scope, cursor);
    const { product, device } = bucket.plain.source;
    // Of the devices that it may have collected: which of them it has is known only by their readings.
    const page =
      device === undefined
        ? await pageOfDevices(session, { product, limit, after })
        : await onlyDevice(session, device);
    const newest = await readNewest(session, source, page.devices);

    const items = firstOf(page.devices.flatMap(({ id }) => newest.get(id) ?? []));
    // A device of this page that has no room comes first on the next.
    const cut = items.length < newest.size ? items.at(-1)?.device : undefined;
    const last = cut ?? page.last;
    const next = last && (await sealCursor(session, scope, last));
    const shown = items.map((found) => shownReading(found, undefined));
    return { body: next === undefined ? { items: shown } : { items: shown, next }, next };
  };
