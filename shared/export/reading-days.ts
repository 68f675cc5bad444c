/**
 * All readings of a scope, by bucket, product, device and UTC day, each in the order of ids and days, from any place on: the way in which
 * every format takes them.
 */
import * as z from 'zod';
import { keptFrom } from '../bucket/retention.ts';
import { pageOfDevices } from '../device/find-device.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { type ArchivedHour, archivedHours } from '../readings/archived-readings.ts';
import { readPendingOfSome } from '../readings/pending-readings.ts';
import type { ExportScope } from './export-scope.ts';

/** After which day of which device; empty members: before the first. */
export const readingPlace = z.strictObject({
  bucket: z.string(),
  product: z.string(),
  device: z.string(),
  /** `yyyy-mm-dd`; empty: all of the device's are done. */
  day: z.string(),
});
export type ReadingPlace = z.output<typeof readingPlace>;
export const BEGINNING: ReadingPlace = { bucket: '', product: '', device: '', day: '' };

export interface DayOfDevice {
  readonly place: ReadingPlace;
  /** To be taken before the next day is asked for. */
  readonly hours: AsyncIterable<ArchivedHour>;
}

/** Nothing was found up to here. */
export interface Passed {
  readonly place: ReadingPlace;
  readonly hours?: undefined;
}

const DEVICES = 100;
/** Readings that are held while their devices are read. */
const MOST_PENDING = 100_000;
const DAY_MS = 86_400_000;

export async function* readingDays(
  session: AccountSession,
  scope: ExportScope,
  { cut, after }: { cut: number; after: ReadingPlace },
): AsyncGenerator<DayOfDevice | Passed> {
  for (const bucket of scope.buckets) {
    if (bucket.id < after.bucket) continue;
    const begun = bucket.id === after.bucket ? after : BEGINNING;
    const products = bucket.source.product === undefined ? scope.products : [bucket.source.product];
    const retention = { days: bucket.retentionDays };
    const range = { from: Math.max(scope.from, keptFrom(retention, cut)), to: scope.to, before: cut };
    for (const product of products) {
      if (product < begun.product) continue;
      const from = product === begun.product ? begun : { ...BEGINNING, product };
      const device = scope.device ?? bucket.source.device;
      yield* ofProduct(session, { bucket: bucket.id, product, device }, { range, after: from });
    }
  }
}

interface Of {
  readonly bucket: string;
  readonly product: string;
  /** This one alone. */
  readonly device: string | undefined;
}
interface Reading {
  readonly range: { readonly from: number; readonly to: number; readonly before: number };
  readonly after: ReadingPlace;
}

/** The next devices in the order of their ids, the one at which `after` stands in the midst among them. */
async function nextDevices(session: AccountSession, { product, device }: Of, after: ReadingPlace): Promise<string[]> {
  const begun = after.day === '' ? [] : [after.device];
  if (device !== undefined) return after.device === '' ? [device] : begun;
  const page = await pageOfDevices(session, { product, limit: DEVICES, after: after.device || undefined });
  return [...begun, ...page.devices.map(({ id }) => id)];
}

async function* ofProduct(session: AccountSession, of: Of, reading: Reading): AsyncGenerator<DayOfDevice | Passed> {
  let { after } = reading;
  const { bucket, product } = of;
  for (;;) {
    const wanted = await nextDevices(session, of, after);
    if (wanted.length === 0) return;
    const { from, to } = reading.range;
    const filter = { bucket, from, to, devices: wanted, most: MOST_PENDING };
    const { devices, pending } = await readPendingOfSome(session, product, filter);
    for (const device of devices) {
      const rest = device === after.device ? Math.max(from, Date.parse(after.day) + DAY_MS) : from;
      const range = { ...reading.range, from: rest, pending: pending.get(device) ?? [] };
      yield* byDay(archivedHours(session, { product, bucket, device }, range), { bucket, product, device });
      after = { bucket, product, device, day: '' };
      yield { place: after };
    }
  }
}

/** Hours in order, parted by their days. */
async function* byDay(hours: AsyncGenerator<ArchivedHour>, of: Omit<ReadingPlace, 'day'>): AsyncGenerator<DayOfDevice> {
  let next = await hours.next();
  while (!next.done) {
    const { day } = next.value;
    async function* ofDay() {
      for (; !next.done && next.value.day === day; next = await hours.next()) yield next.value;
    }
    yield { place: { ...of, day }, hours: ofDay() };
  }
}
