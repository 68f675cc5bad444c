/** What a bucket's readings come to per interval, from summaries where they serve, slice by slice until a page is full. */
import * as z from 'zod';
import { openCursor, sealCursor } from '../api/cursor.ts';
import { invalid } from '../api/errors.ts';
import type { Input, Output } from '../api/route.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { summariesServe } from './aggregate/day-summary.ts';
import type { Every } from './aggregate/every.ts';
import { TooManyFields } from './aggregate/field-table.ts';
import { type IntervalAt, intervalsOf } from './aggregate/intervals.ts';
import { type FoundRow, type RowPosition, rowCollector } from './aggregate/row-collector.ts';
import type { Order } from './page-collector.ts';
import type { ReadingSource } from './read-days.ts';
import { readSummaries } from './read-summaries.ts';
import { CSV, NDJSON, readingsRoutes } from './readings-api.ts';
import { rowCsvHead, rowCsvLine, rowJsonLine, shownRow } from './render-rows.ts';

type Query = Input<typeof readingsRoutes.query>['query'];
const position = z.object({ from: z.number(), device: z.string(), stream: z.string() });

/** What is left of the source after a row: its interval is read again, for other devices and streams. */
function leftOf(
  source: ReadingSource,
  order: Order,
  intervalAt: IntervalAt,
  after: RowPosition | undefined,
): ReadingSource {
  if (!after) return source;
  const { from, to } = intervalAt(after.from);
  return order === 'asc'
    ? { ...source, from: Math.max(source.from ?? from, from) }
    : { ...source, to: Math.min(source.to ?? to, to) };
}

export async function aggregateReadings(
  session: AccountSession,
  source: ReadingSource,
  query: Query & { every: Every; timeZone: string; mediaType: string },
): Promise<Output<typeof readingsRoutes.query>> {
  const { every, timeZone, order, limit, fields, mediaType, aggregate: aggregates = ['mean'] } = query;
  const { bucket, device, stream, to } = source;
  const filters = [bucket, device, stream, query.from, to, order, every, timeZone];
  const scope = { route: readingsRoutes.query.id, filters };
  const cursor = query.cursor && (await openCursor(session, scope, query.cursor));
  const after = cursor ? position.parse(JSON.parse(cursor)) : undefined;

  const line = (row: FoundRow) =>
    mediaType === CSV ? rowCsvLine(row, aggregates, fields) : rowJsonLine(row, aggregates);
  const sizeOf = (row: FoundRow) => Buffer.byteLength(line(row));
  const intervalAt = intervalsOf(every, timeZone);
  const left = leftOf(source, order, intervalAt, after);
  const serves = (day: number) => summariesServe(intervalAt, left, day);
  const collector = rowCollector({ ...left, intervalAt, order, limit, after, fields, sizeOf });
  try {
    for await (const { items, bound } of readSummaries(session, { ...left, order, serves })) {
      for (const item of items) collector.add(item);
      if (collector.isFull(bound)) break;
    }
  } catch (error) {
    if (!(error instanceof TooManyFields)) throw error;
    throw invalid('/query/fields', 'is needed: an interval has too many fields; name those that you want');
  }

  const page = collector.page();
  const next = page.next && (await sealCursor(session, scope, JSON.stringify(page.next)));
  const lines = () => page.rows.map(line).join('');
  if (mediaType === CSV) {
    const text = rowCsvHead(aggregates, fields) + lines();
    return { rendered: { contentType: `${CSV}; charset=utf-8`, text }, next };
  }
  if (mediaType === NDJSON) return { rendered: { contentType: NDJSON, text: lines() }, next };
  const items = page.rows.map((row) => shownRow(row, aggregates));
  return { body: next === undefined ? { items } : { items, next }, next };
}
