/** Makes an account as a plan says, as it would have come to be: things first, then readings as they arrive, merged or not. */
import { ulid } from 'ulid';
import { collects, type Source } from '../../../shared/bucket/bucket.ts';
import { bucketKey } from '../../../shared/bucket/bucket-keys.ts';
import { buckets } from '../../../shared/bucket/bucket-store.ts';
import { deviceKey } from '../../../shared/device/device-keys.ts';
import { devices } from '../../../shared/device/device-store.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import { newId } from '../../../shared/platform/ids.ts';
import { productKey } from '../../../shared/product/product-keys.ts';
import { products } from '../../../shared/product/product-store.ts';
import { type PropertyOwner, propertyKey } from '../../../shared/property/property-keys.ts';
import { properties } from '../../../shared/property/property-store.ts';
import { compactProduct } from '../../../shared/readings/compaction/compact-product.ts';
import { keepReadings } from '../../../shared/readings/keep-readings.ts';
import type { Plan } from './generated.ts';
import { type Account, START, type World } from './world.ts';

const DAY = 86_400_000;
/** When its things were made. */
const MADE = START - 60 * DAY;

/** What stands in the account, by index where a plan has one. */
export interface Built {
  readonly products: readonly string[];
  readonly devices: readonly { readonly id: string; readonly product: string }[];
  readonly buckets: readonly string[];
}

export async function build(world: World, account: Account, of: Plan): Promise<Built> {
  const { session } = account;
  const { account: owner } = session;
  let at = MADE;
  const next = () => (at += 1001);
  const carry = async (on: PropertyOwner, values: Plan['carried']) => {
    const key = await session.key();
    for (const [label, value] of values) {
      const made = properties.make(propertyKey(owner, key, on, label), next(), {}, { name: label, value });
      await writeTogether(session, [await properties.put(session, { ...made, updatedAt: next() })]);
    }
  };
  await carry({ id: owner }, of.carried);
  const built = { products: [] as string[], devices: [] as { id: string; product: string }[], buckets: [] as string[] };
  for (const { name: label, description, carried: own, devices: inside } of of.products) {
    const id = newId('product');
    built.products.push(id);
    const entity = products.make(productKey(owner, id), next(), { id }, { name: label, description });
    await writeTogether(session, await products.add(session, entity));
    await carry({ id, product: id }, own);
    for (const [n, { carried: its, ...sealed }] of inside.entries()) {
      const known = { id: newId('device'), product: id };
      built.devices.push(known);
      const made = devices.make(deviceKey(owner, id, known.id), next(), { ...known, number: n + 1 }, sealed);
      await writeTogether(session, await devices.add(session, { ...made, updatedAt: next() }));
      await carry(known, its);
    }
  }
  const sources: { id: string; source: Source }[] = [];
  for (const { kind, of: index, stream, retentionDays, ...sealed } of of.buckets) {
    const id = newId('bucket');
    built.buckets.push(id);
    const source = { ...sourceOf(built, kind, index), ...(stream === undefined ? {} : { stream }) };
    sources.push({ id, source });
    const entity = buckets.make(bucketKey(owner, id), next(), { id, source, retentionDays }, sealed);
    await writeTogether(session, await buckets.add(session, entity));
  }
  await receive(world, account, of, { devices: built.devices, sources });
  return built;
}

function sourceOf(
  { products: all, devices: every }: Built,
  kind: Plan['buckets'][number]['kind'],
  index: number,
): Source {
  const some = every[index % Math.max(1, every.length)];
  const one = all[index % Math.max(1, all.length)];
  if (kind === 'gone') return index % 2 ? { device: newId('device') } : { product: newId('product') };
  if (kind === 'product') return one === undefined ? {} : { product: one };
  if (kind === 'all' || !some) return {};
  return kind === 'device' ? { device: some.id } : { device: some.id, product: some.product };
}

/** Readings in the order of their arrival; what arrived until a time is merged. */
async function receive(
  world: World,
  { session }: Account,
  { readings, dense, merged }: Plan,
  to: { devices: Built['devices']; sources: readonly { id: string; source: Source }[] },
): Promise<void> {
  const { clock } = world;
  const hour = START - 2 * DAY - 30 * 60_000;
  const steady = Array.from({ length: dense }, (_, i) => ({ ts: hour + i * 1000, value: { t: i } }));
  const single = readings.map(({ of, stream, age, late, value }) => {
    const ts = START - age;
    return { of, stream, arrived: Math.min(START - 1, ts + late), rows: [{ ts, value }] };
  });
  const all = [...single, { of: 0, stream: 'telemetry', arrived: hour + dense * 1000, rows: steady }];
  let isMerged = merged === undefined;
  for (const { of, stream, rows, arrived } of all.sort((a, b) => a.arrived - b.arrived)) {
    if (!isMerged && arrived >= START - (merged ?? 0)) {
      clock.now = START - (merged ?? 0);
      isMerged = true;
      await compact(world, session, to.devices);
    }
    clock.now = arrived;
    const sender = to.devices[of % Math.max(1, to.devices.length)];
    if (!sender) break;
    const from = { device: sender.id, product: sender.product, stream };
    const collecting = to.sources.filter(({ source }) => collects(source, from)).map(({ id }) => id);
    if (collecting.length === 0 || rows.length === 0) continue;
    const group = { device: sender.id, stream, buckets: collecting };
    const groups = [{ ...group, rows: rows.map((row) => ({ ...row, receivedAt: arrived })) }];
    await keepReadings(session, { product: sender.product, groups }, () => ulid(clock.now));
  }
  clock.now = START;
  if (!isMerged) await compact(world, session, to.devices);
}

async function compact({ clock }: World, session: Account['session'], of: Built['devices']): Promise<void> {
  const run = compactProduct({
    session: () => session,
    now: () => clock.now,
    newBlockId: (at) => ulid(at),
    newOwner: () => newId('import'),
    healKeys: async () => {},
    dayClosed: async () => {},
    dayOpened: async () => {},
  });
  for (const each of new Set(of.map(({ product: id }) => id)))
    await run({ account: session.account, product: each, deadline: Number.POSITIVE_INFINITY });
}
