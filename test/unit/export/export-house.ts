/**
 * Exports in one process: an account's store in memory, with two products, devices, buckets, and readings fresh and merged; S3
 * in memory; and the job, run to its end through whatever a test does to it.
 */
import { randomBytes } from 'node:crypto';
import { ulid } from 'ulid';
import { accountKey } from '../../../shared/account/account-keys.ts';
import { accounts } from '../../../shared/account/account-store.ts';
import { apiClientKey } from '../../../shared/api-client/api-client-keys.ts';
import { apiClients } from '../../../shared/api-client/api-client-store.ts';
import { DOCUMENTS, type DocumentKind } from '../../../shared/archive/schemas.ts';
import { recordEvent } from '../../../shared/audit/record-event.ts';
import { bucketKey } from '../../../shared/bucket/bucket-keys.ts';
import { buckets } from '../../../shared/bucket/bucket-store.ts';
import { connectorKey } from '../../../shared/connector/connector-keys.ts';
import { connectors } from '../../../shared/connector/connector-store.ts';
import { deviceKey } from '../../../shared/device/device-keys.ts';
import { devices } from '../../../shared/device/device-store.ts';
import { EXPORT_UNIT, type ExportInput, exportReport } from '../../../shared/export/export.ts';
import { exportJob, type StepSize } from '../../../shared/export/run-export.ts';
import { cancelledJob, type Job, queuedJob, retriedJob } from '../../../shared/job/job.ts';
import type { JobEvent } from '../../../shared/job/job-event.ts';
import { jobKey } from '../../../shared/job/job-keys.ts';
import { jobs, type StoredJob } from '../../../shared/job/job-store.ts';
import { runJob } from '../../../shared/job/run-job.ts';
import { memberKey } from '../../../shared/member/member-keys.ts';
import { members } from '../../../shared/member/member-store.ts';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import { newId } from '../../../shared/platform/ids.ts';
import { type JsonValue, parseJson } from '../../../shared/platform/json-value.ts';
import { productKey } from '../../../shared/product/product-keys.ts';
import { products } from '../../../shared/product/product-store.ts';
import { propertyKey } from '../../../shared/property/property-keys.ts';
import { properties } from '../../../shared/property/property-store.ts';
import type { Group } from '../../../shared/readings/codec/block.ts';
import { keepReadings } from '../../../shared/readings/keep-readings.ts';
import { textsOf, unzipped } from '../../support/archives.ts';
import { kindsWith } from '../../support/job-kinds.ts';
import type { MemoryS3 } from '../../support/memory-s3.ts';
import type { ModelReading } from '../../support/readings-model.ts';
import { execution } from '../job/memory-durable.ts';
import { deviceId, openStore, type Store } from '../readings/compaction/store.ts';

export const START = Date.parse('2026-03-02T00:00:00Z');
export const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OPENED = Date.parse('2026-01-20T10:00:00Z');

export const LONG = '長い名前 '.repeat(200);
const STRANGE = 'Gerät "№1"\u2028 \\ 😀';
export const EVERYTHING = Object.keys(DOCUMENTS) as DocumentKind[];

export interface House {
  readonly store: Store;
  readonly session: AccountSession;
  readonly s3: MemoryS3;
  readonly other: { readonly product: string; readonly device: string };
  /** Of one device of the first product; keeps readings for seven days. */
  readonly third: string;
  /** Of the whole account. */
  readonly everywhere: string;
  /** All readings that were kept, with their products, doubles and all. */
  readonly model: (ModelReading & { product: string })[];
  keep(product: string, group: Group): Promise<void>;
}

export async function addDevice(
  { session, store }: Pick<House, 'session' | 'store'>,
  product: string,
  name: string,
  number: number,
) {
  const id = newId('device');
  const entity = devices.make(
    deviceKey(session.account, product, id),
    store.clock.now,
    { id, product, number },
    { name },
  );
  await writeTogether(session, await devices.add(session, entity));
  return id;
}

export async function addProduct({ session, store }: Pick<House, 'session' | 'store'>, id: string, name: string) {
  const entity = products.make(productKey(session.account, id), store.clock.now, { id }, { name });
  await writeTogether(session, await products.add(session, entity));
}

/** A member, a program, a connector, and a property of the account, all of that name. */
export async function addAccess({ session, store }: Pick<House, 'session' | 'store'>, name: string): Promise<string> {
  const { account } = session;
  const { now } = store.clock;
  const [member, client, connector] = [newId('member'), newId('apiClient'), newId('connector')];
  const property = propertyKey(account, await session.key(), { id: account }, name);
  await writeTogether(session, [
    await members.put(
      session,
      members.make(
        memberKey(account, member),
        now,
        { id: member, role: 'owner', sub: 'sub-of-cognito' },
        { email: 'o@acme.test', name },
      ),
    ),
    await apiClients.put(
      session,
      apiClients.make(
        apiClientKey(account, client),
        now,
        { id: client, clientId: 'client-id-of-cognito', scopes: ['custodia/readings.read'] },
        { name },
      ),
    ),
    await connectors.put(
      session,
      connectors.make(
        connectorKey(account, connector),
        now,
        { id: connector, kind: 'the-things-stack', product: store.product, createDevices: true },
        { name },
      ),
    ),
    await properties.put(session, properties.make(property, now, {}, { name, value: 1 })),
  ]);
  return client;
}

/** A bucket of the whole account. */
export async function addBucket({ session, store }: Pick<House, 'session' | 'store'>, name: string) {
  const id = newId('bucket');
  const entity = buckets.make(bucketKey(session.account, id), store.clock.now, { id, source: {} }, { name });
  await writeTogether(session, await buckets.add(session, entity));
}

/** An account without anything in it. */
export async function emptyHouse(s3: MemoryS3): Promise<House> {
  const store = await openStore(START);
  const session = { ...store.session, s3: s3.client, archiveBucket: 'archives' };
  const { account } = session;
  const profile = accounts.make(accountKey(account), OPENED, {}, { name: STRANGE, timeZone: 'Europe/Madrid' });
  await writeTogether(session, [await accounts.put(session, profile)]);
  const model: House['model'] = [];
  return {
    store,
    session,
    s3,
    other: { product: '', device: '' },
    third: '',
    everywhere: '',
    model,
    async keep(product, group) {
      const { clock } = store;
      await keepReadings(session, { product, groups: [group] }, () => ulid(clock.now));
      for (const bucket of group.buckets)
        for (const { ts, value } of group.rows)
          model.push({ product, bucket, device: group.device, stream: group.stream, ts, value });
    },
  };
}

/** Values in the forms that are lost most easily. */
export const VALUES: readonly JsonValue[] = [
  21.5,
  parseJson('9007199254740993'),
  parseJson('0.1234567890123456789'),
  parseJson('1e400'),
  parseJson('-0'),
  null,
  'ein "Text"\n\u2028 😀',
  parseJson('{"b":1,"a":{"10":true,"9":[{"y":null,"x":-0.0}]},"__proto__":"mine"}'),
];

export async function fullHouse(s3: MemoryS3): Promise<House> {
  const empty = await emptyHouse(s3);
  const { store, session, keep } = empty;
  const { clock, product } = store;
  const { account } = session;
  const key = await session.key();
  clock.now = START - 10 * DAY;
  const other = { product: newId('product'), device: '' };
  await addProduct(empty, product, 'Thermometer');
  await addProduct(empty, other.product, LONG);
  other.device = await addDevice(empty, other.product, STRANGE, 1);
  await addDevice(empty, other.product, LONG, 2);

  const [third, everywhere] = [newId('bucket'), newId('bucket')];
  const bucket = (id: string, more: Omit<Parameters<typeof buckets.make>[2], 'id'>, name: string) =>
    buckets.make(bucketKey(account, id), clock.now, { id, ...more }, { name });
  const property = async (owner: { id: string; product?: string }, name: string, value: JsonValue) =>
    properties.put(session, properties.make(propertyKey(account, key, owner, name), clock.now, {}, { name, value }));
  const source = { product, device: deviceId(1) };
  await writeTogether(session, await buckets.add(session, bucket(third, { source, retentionDays: 7 }, LONG)));
  await writeTogether(session, await buckets.add(session, bucket(everywhere, { source: {} }, 'all')));
  const client = await addAccess(empty, 'first');
  await writeTogether(session, [
    await property({ id: product, product }, 'site', { b: 1, a: 2 }),
    await property({ id: deviceId(0), product }, 'zz', 'last'),
    await property({ id: deviceId(0), product }, 'aa', 'first'),
    await property({ id: other.device, product: other.product }, 'of-the-other', null),
  ]);
  // More than a page of them.
  const numbered = Array.from({ length: 60 }, (_, n) => property({ id: deviceId(0), product }, `n-${n}`, n));
  await writeTogether(session, await Promise.all(numbered));
  for (const at of [OPENED, OPENED + 1000, START - DAY]) {
    const event = {
      id: newId('auditEvent'),
      at,
      action: 'devices.create',
      principalKind: 'client',
      principal: client,
    } as const;
    await recordEvent(session, { ...event, target: [deviceId(0)], status: 201 });
  }

  // A bucket of seven days: what is older is not exported.
  clock.now = START - 9 * DAY;
  const row = (ts: number, value: JsonValue) => ({ ts, receivedAt: clock.now, value });
  await keep(product, { device: deviceId(1), stream: 's', buckets: [third], rows: [row(clock.now, 'too old')] });
  clock.now = START;
  for (let hour = 0; hour < 27; hour++) {
    const rows = (n: number) => Array.from({ length: n }, (_, i) => row(clock.now + i * 20_000, i));
    await keep(product, { device: deviceId(0), stream: 's', buckets: store.buckets, rows: rows(30) });
    await keep(product, {
      device: deviceId(1),
      stream: 's',
      buckets: [...store.buckets, third, everywhere],
      rows: rows(3),
    });
    await keep(other.product, { device: other.device, stream: 's', buckets: [everywhere], rows: rows(2) });
    clock.now += HOUR;
    if (hour !== 24) continue;
    clock.now += 5 * 60_000;
    if ((await store.compact()) !== 'done') throw new Error('It was not compacted.');
  }
  // Fresh, in two streams; and once more what is there already, merged or fresh.
  const strange = VALUES.map((value, i) => row(clock.now + i, value));
  await keep(product, { device: deviceId(0), stream: 'a', buckets: store.buckets, rows: strange });
  await keep(product, { device: deviceId(0), stream: 'z', buckets: store.buckets, rows: strange });
  clock.now += 2000;
  await keep(product, {
    device: deviceId(0),
    stream: 'a',
    buckets: store.buckets,
    rows: strange.map((one) => ({ ...one, receivedAt: clock.now })),
  });
  await keep(product, {
    device: deviceId(1),
    stream: 's',
    buckets: store.buckets,
    rows: [{ ts: START, receivedAt: clock.now, value: 0 }],
  });
  clock.now += 1500;
  return { ...empty, other, third, everywhere };
}

export const cutOf = ({ store }: House) => Math.floor(store.clock.now / 1000) * 1000 + 1000;

export const inputOf = (house: House, more: Partial<ExportInput> = {}): ExportInput => ({
  scope: { account: true },
  format: 'archive',
  cut: cutOf(house),
  kinds: EVERYTHING,
  ...more,
});

export async function find({ session }: House, id: string): Promise<StoredJob> {
  const job = await jobs.find(session, 'export', id);
  if (!job) throw new Error('The job is gone.');
  return job;
}

async function change(house: House, id: string, to: (job: Job) => Job): Promise<void> {
  const { session, store } = house;
  const found = await find(house, id);
  await writeTogether(session, [
    await jobs.put(session, jobs.change(found, store.clock.now, found.sealed, to(found.plain))),
  ]);
}
export const cancel = (house: House, id: string) =>
  change(house, id, (job) => cancelledJob(job, house.store.clock.now));
export const retry = (house: House, id: string) => change(house, id, retriedJob);

/** A job that waits; what was there under the id is gone. */
export async function queue(house: House, input: ExportInput, id: string = newId('export')): Promise<string> {
  const { session, store, s3 } = house;
  const { account } = session;
  const before = await jobs.find(session, 'export', id);
  if (before) await writeTogether(session, [jobs.remove(session, before)]);
  s3.objects.clear();
  s3.uploads.clear();
  const job = jobs.make(jobKey(account, 'export', id), store.clock.now, queuedJob(id, 'export', EXPORT_UNIT), {
    input,
  });
  await writeTogether(session, [await jobs.put(session, job)]);
  return id;
}

export interface RunOptions {
  readonly isEnough?: (size: StepSize) => boolean;
  readonly killEach?: boolean;
  readonly operationsAPart?: number;
  /** Called before each step. */
  readonly between?: (step: number) => Promise<unknown>;
  /** Called while it waits for its cut. */
  readonly early?: () => Promise<unknown>;
}

/** One file a step, or less. */
export const LITTLE: RunOptions = { isEnough: () => true };

/** A few files a step. */
export const SOME: RunOptions = { isEnough: ({ files }) => files >= 5 };

/** A job's attempt from its beginning to its end, part by part. */
export async function run(house: House, id: string, options: RunOptions = {}) {
  const { session, store, s3 } = house;
  const { clock } = store;
  const { account } = session;
  const started: JobEvent[] = [];
  const { isEnough, operationsAPart } = options;
  let step = 0;
  const code = runJob({
    kinds: kindsWith({ export: exportJob({ waitingMessages: async () => 3, ...(isEnough ? { isEnough } : {}) }) }),
    openSession: async () => {
      await options.between?.(step++);
      return session;
    },
    startExecution: async (event) => void started.push(JSON.parse(JSON.stringify(event))),
    now: () => clock.now,
    ...(operationsAPart === undefined ? {} : { operationsAPart }),
  });
  const { plain } = await find(house, id);
  const histories: string[] = [];
  let next: JobEvent | undefined = {
    account,
    kind: 'export',
    job: id,
    attempt: plain.attempt,
    part: 1,
    order: 'order',
  };
  while (next) {
    const event: JobEvent = next;
    const begun = started.length;
    const one = execution((durable) => code(event, durable), {
      ...(options.killEach ? { killEach: true } : {}),
      waiting: async (name) => {
        if (name !== 'for the cut') return;
        await options.early?.();
        clock.now += 1000;
      },
    });
    await one.run();
    histories.push(...one.history.map((kept) => JSON.stringify(kept)));
    next = started.length > begun ? started.at(-1) : undefined;
  }
  const ended = await find(house, id);
  return {
    id,
    job: ended.plain,
    report: exportReport.optional().parse(ended.sealed.report),
    histories,
    parts: started.length + 1,
    objects: [...s3.objects.keys()].map((name) => name.replace(`accounts/${account}/`, '')).toSorted(),
    uploads: s3.uploads.size,
  };
}

export function zipOf({ session, s3 }: House, id: string): Buffer {
  const zip = s3.objects.get(`accounts/${session.account}/exports/${id}/archive.zip`);
  if (!zip) throw new Error('There is no archive.');
  return zip;
}

/** An export of now, from its request to its file. */
export async function exportNow(house: House, input: Partial<ExportInput> = {}, options: RunOptions = {}) {
  const asked = inputOf(house, input);
  const id = await queue(house, asked);
  const ran = await run(house, id, options);
  if (ran.job.status !== 'succeeded') throw new Error(`It ${ran.job.status}: ${JSON.stringify(ran.job)}`);
  const zip = zipOf(house, id);
  const files = await unzipped(zip);
  return { ...ran, cut: asked.cut, zip, files, texts: textsOf(files, /./) };
}

const READINGS = /^data\/readings\/([^/]+)\/([^/]+)\/(\d{4}-\d\d-\d\d)\.ndjson\.gz$/;

/** What its files of readings hold, as a model does; throws where a line stands in a wrong file or out of order, or twice. */
export function readingsIn(texts: ReadonlyMap<string, string>): ModelReading[] {
  return [...texts].flatMap(([name, text]) => {
    if (!name.startsWith('data/readings/')) return [];
    const [, bucket = '', device = '', day] = READINGS.exec(name) ?? [];
    const lines = text.split('\n').slice(0, -1);
    if (day === undefined || new Set(lines).size !== lines.length) throw new Error(`${name}: ${lines.length} lines`);
    let before = '';
    return lines.map((line) => {
      const { ts, stream, value } = parseJson(line) as { ts: string; stream: string; value: JsonValue };
      const at = `${ts} ${stream}`;
      if (!ts.startsWith(day) || at < before) throw new Error(`${name}: ${line} after ${before}`);
      before = at;
      return { bucket, device, stream, ts: Date.parse(ts), value };
    });
  });
}

export const random = (bytes: number) => randomBytes(bytes).toString('base64');
