/** Readings of a bucket in order of time, slice by slice until a page is full; with `every`, what they come to per interval. */
import * as z from 'zod';
import { openCursor, sealCursor } from '../api/cursor.ts';
import type { UseCase } from '../api/edge.ts';
import type { Now } from '../platform/clock.ts';
import { aggregateReadings } from './aggregate-readings.ts';
import { findSource } from './find-source.ts';
import { type FoundReading, type Order, type Position, pageCollector } from './page-collector.ts';
import { type ReadingSource, readDays } from './read-days.ts';
import { CSV, NDJSON, readingsRoutes } from './readings-api.ts';
import { csvHead, csvLine, jsonLine, shownReading } from './render-readings.ts';

const position = z.object({ ts: z.number(), device: z.string(), stream: z.string(), hash: z.string() });

/** What is left of the source after a reading: others may have the same time. */
function leftOf(source: ReadingSource, order: Order, after: Position | undefined): ReadingSource {
  if (!after) return source;
  return order === 'asc' ? { ...source, from: Math.max(source.from ?? 0, after.ts) } : { ...source, to: after.ts + 1 };
}

export const queryReadings =
  (deps: { now: Now }): UseCase<typeof readingsRoutes.query> =>
  async ({ session }, { params, query, mediaType }) => {
    const { device, stream, to, order, limit, fields, every } = query;
    const { bucket, source } = await findSource(session, deps.now(), params.id, {
      device,
      stream,
      from: query.from,
      to,
    });
    if (every) {
      const timeZone = query.timeZone ?? bucket.sealed.timeZone ?? 'UTC';
      return aggregateReadings(session, source, { ...query, every, timeZone, mediaType });
    }
    const scope = { route: readingsRoutes.query.id, filters: [params.id, device, stream, query.from, to, order] };
    const cursor = query.cursor && (await openCursor(session, scope, query.cursor));
    const after = cursor ? position.parse(JSON.parse(cursor)) : undefined;

    const line = (found: FoundReading) => (mediaType === CSV ? csvLine(found, fields) : jsonLine(found, fields));
    const sizeOf = (found: FoundReading) => Buffer.byteLength(line(found));
    const collector = pageCollector({ order, limit, after, sizeOf });
    for await (const { groups, bound } of readDays(session, { ...leftOf(source, order, after), order })) {
      for (const group of groups) {
        for (const { ts, value } of group.rows)
          collector.add({ ts, device: group.device, stream: group.stream, value });
      }
      if (collector.isFull(bound)) break;
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
