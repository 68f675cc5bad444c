/** Readings of a bucket in order of time: all blocks that may hold some, merged into one page. */

import * as z from 'zod';
import { openCursor, sealCursor } from '../api/cursor.ts';
import type { UseCase } from '../api/edge.ts';
import { findBucket } from '../bucket/find-bucket.ts';
import { findDevice } from '../device/find-device.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { allProductIds } from '../product/find-product.ts';
import { readFreshBlocks } from './fresh-block-store.ts';
import { type FoundReading, pageCollector } from './page-collector.ts';
import { CSV, NDJSON, readingsRoutes } from './readings-api.ts';
import { csvHead, csvLine, jsonLine, shownReading } from './render-readings.ts';

const DAY_MS = 86_400_000;
const position = z.object({ ts: z.number(), device: z.string(), stream: z.string(), hash: z.string() });

/** The products whose blocks may hold readings of this bucket. A device that isn't the account's is not found. */
async function productsOf(
  session: AccountSession,
  source: { product?: string | undefined },
  device: string | undefined,
) {
  if (device !== undefined) return [(await findDevice(session, device)).plain.product];
  return source.product === undefined ? allProductIds(session) : [source.product];
}

export const queryReadings =
  (deps: { now: Now }): UseCase<typeof readingsRoutes.query> =>
  async ({ session }, { params, query, mediaType }) => {
    const { plain: bucket } = await findBucket(session, params.id);
    const { device, stream, to, order, limit, fields } = query;
    const products = await productsOf(session, bucket.source, device);
    const kept = bucket.retentionDays === undefined ? 0 : deps.now() - bucket.retentionDays * DAY_MS;
    const from = Math.max(query.from ?? 0, kept);
    const scope = { route: readingsRoutes.query.id, filters: [params.id, device, stream, query.from, to, order] };
    const cursor = query.cursor && (await openCursor(session, scope, query.cursor));
    const after = cursor ? position.parse(JSON.parse(cursor)) : undefined;

    const line = (found: FoundReading) => (mediaType === CSV ? csvLine(found, fields) : jsonLine(found, fields));
    const sizeOf = (found: FoundReading) => Buffer.byteLength(line(found));
    const collector = pageCollector({ order, limit, after, sizeOf });
    for (const product of products) {
      const filter = { bucket: params.id, device, stream, from, to };
      for await (const { groups } of readFreshBlocks(session, product, filter)) {
        for (const group of groups) {
          for (const { ts, value } of group.rows)
            collector.add({ ts, device: group.device, stream: group.stream, value });
        }
      }
    }

    const page = collector.page();
    const next = page.next && (await sealCursor(session, scope, JSON.stringify(page.next)));
    if (mediaType === CSV) {
      const text = csvHead(fields) + page.readings.map(line).join('');
      return { rendered: { contentType: `${CSV}; charset=utf-8`, text }, next };
    }
    if (mediaType === NDJSON)
      return { rendered: { contentType: NDJSON, text: page.readings.map(line).join('') }, next };
    const items = page.readings.map((found) => shownReading(found, fields));
    return { body: next === undefined ? { items } : { items, next }, next };
  };
