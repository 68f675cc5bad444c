/** Blocks of all devices of a bucket and product in order of time: the catalog of each day says which there are. */
import { NoKeyError } from '../../keyring/keyring.ts';
import type { AccountSession } from '../../platform/account-session.ts';
import { type Catalog, hasDayBlock, hasHour } from './catalog.ts';
import { readCatalogs } from './catalog-store.ts';
import { openBlock } from './block-store.ts';
import type { BlockOwner } from './block-keys.ts';
import { getSpans } from './get-blocks.ts';
import type { TimeRange } from './read-device.ts';
import { dayOf, endOf, HOUR_MS, startOf } from './spans.ts';
import type { StreamRows } from './stream-rows.ts';

export interface BucketChunk {
  readonly blocks: readonly { readonly device: string; readonly rows: readonly StreamRows[] }[];
  /** Epoch ms: nothing in later chunks lies before it (asc), or at or after it (desc). */
  readonly bound: number;
}

/** Devices whose blocks are held at once. */
const DEVICES_AT_ONCE = 500;

type Range = TimeRange & { readonly order: 'asc' | 'desc' };
interface Of {
  readonly product: string;
  readonly bucket: string;
}

/** Rows aren't cut to the range: a block may hold others of its span. */
export async function* readBucket(session: AccountSession, of: Of, range: Range): AsyncGenerator<BucketChunk> {
  const days = { from: dayOf(range.from), to: dayOf(range.to - 1), order: range.order };
  for await (const { day, catalog } of readCatalogs(session, of, days)) yield* readDay(session, of, { day, catalog, range });
}

async function* readDay(
  session: AccountSession,
  of: Of,
  { day, catalog, range }: { day: string; catalog: Catalog; range: Range },
): AsyncGenerator<BucketChunk> {
  const asc = range.order === 'asc';
  const start = startOf(day);
  const withDayBlock = [...catalog].filter(([, mask]) => hasDayBlock(mask)).map(([device]) => device);
  yield* readSpans(session, of, { span: day, devices: withDayBlock, bound: asc ? start : endOf(day) });
  const hours = Array.from({ length: 24 }, (_, i) => (asc ? i : 23 - i));
  for (const hour of hours) {
    const begin = start + hour * HOUR_MS;
    if (begin + HOUR_MS <= range.from || begin >= range.to) continue;
    const devices = [...catalog].filter(([, mask]) => hasHour(mask, hour)).map(([device]) => device);
    const span = `${day}T${String(hour).padStart(2, '0')}`;
    yield* readSpans(session, of, { span, devices, bound: asc ? begin : begin + HOUR_MS });
  }
}

async function* readSpans(
  session: AccountSession,
  { product, bucket }: Of,
  { span, devices, bound }: { span: string; devices: readonly string[]; bound: number },
): AsyncGenerator<BucketChunk> {
  for (let i = 0; i < devices.length; i += DEVICES_AT_ONCE) {
    const owners = devices.slice(i, i + DEVICES_AT_ONCE).map((device): BlockOwner => ({ product, bucket, device }));
    const found = await getSpans(session, owners, span);
    const blocks = await Promise.all(
      found.map(async (block) => {
        const rows = await unlessDestroyed(openBlock(session, block));
        return rows ? [{ device: block.owner.device, rows }] : [];
      }),
    );
    yield { blocks: blocks.flat(), bound };
  }
}

/** Of a device that was deleted, what is left is not readable any more. */
async function unlessDestroyed<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NoKeyError) return undefined;
    throw error;
  }
}
