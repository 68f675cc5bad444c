/** Exports as jobs: what an archive holds, whatever happens while it is made; and that one which isn't finished leaves nothing behind. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DOCUMENTS } from '../../../shared/archive/schemas.ts';
import { STORES } from '../../../shared/archive/store-registry.ts';
import { recordEvent } from '../../../shared/audit/record-event.ts';
import { buckets } from '../../../shared/bucket/bucket-store.ts';
import { devices } from '../../../shared/device/device-store.ts';
import { type ExportInput, readableKinds } from '../../../shared/export/export.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import { newId } from '../../../shared/platform/ids.ts';
import { sha256, textsOf, unzipped } from '../../support/archives.ts';
import { stride } from '../../support/effort.ts';
import { memoryS3 } from '../../support/memory-s3.ts';
import { linesOf } from '../../support/readings-model.ts';
import { deviceId } from '../readings/compaction/store.ts';
import {
  addAccess,
  addBucket,
  addDevice,
  addProduct,
  cancel,
  EVERYTHING,
  emptyHouse,
  exportNow,
  find,
  fullHouse,
  HOUR,
  type House,
  inputOf,
  LITTLE,
  LONG,
  queue,
  type RunOptions,
  random,
  readingsIn,
  retry,
  run,
  SOME,
  START,
  zipOf,
} from './export-house.ts';

const s3 = memoryS3();
/** Read alone: what changes an account makes one of its own. */
let house: House;
beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  house = await fullHouse(s3);
});
afterEach(() => s3.watch());
afterAll(() => void vi.restoreAllMocks());

const DAY = 24 * HOUR;
const CUT = () => inputOf(house).cut;

/** Of the house's readings, those that an export of everything holds. */
const isKept =
  ({ third }: House, cut: number) =>
  ({ bucket, ts }: House['model'][number]) =>
    bucket !== third || ts >= cut - 7 * DAY;

const documents = (texts: ReadonlyMap<string, string>, name: string) =>
  (texts.get(`data/${name}`) ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const coverageIn = (texts: ReadonlyMap<string, string>) => JSON.parse(texts.get('data/coverage.json') ?? '');
const storeIn = (texts: ReadonlyMap<string, string>, name: string) =>
  coverageIn(texts).stores.find(({ store }: { store: string }) => store === name);

function unzipTest(zip: Buffer) {
  const folder = mkdtempSync(path.join(tmpdir(), 'custodia-unzip-'));
  try {
    writeFileSync(path.join(folder, 'a.zip'), zip);
    return spawnSync('unzip', ['-t', 'a.zip'], { cwd: folder, encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('an archive of an account', () => {
  it('holds every reading once, fresh or merged, and nothing of which the retention is over', async () => {
    const { texts, report, job, cut } = await exportNow(house);
    const expected = house.model.filter(isKept(house, cut));
    expect(linesOf(readingsIn(texts))).toEqual(linesOf(expected));
    expect(readingsIn(texts)).toHaveLength(linesOf(expected).length);
    expect(expected.length).toBeLessThan(house.model.length);
    expect(house.model.length).toBeGreaterThan(linesOf(house.model).length);
    expect(job).toMatchObject({ status: 'succeeded', progress: { done: report?.rows, total: report?.rows } });
  });

  it('holds values as they were sent: long and huge numbers, -0, names that are integers, __proto__', async () => {
    const { texts } = await exportNow(house, { scope: { device: deviceId(0) } });
    const [, text = ''] =
      [...texts].find(([name, held]) => name.includes('/readings/') && held.includes('"stream":"a"')) ?? [];
    const values = text
      .split('\n')
      .filter((line) => line.includes('"stream":"a"'))
      .map((line) => line.slice(line.indexOf('"value":') + '"value":'.length, -1));
    expect(values).toEqual([
      '21.5',
      '9007199254740993',
      '0.1234567890123456789',
      '1e400',
      '-0',
      'null',
      '"ein \\"Text\\"\\n\u2028 😀"',
      '{"__proto__":"mine","a":{"10":true,"9":[{"x":-0,"y":null}]},"b":1}',
    ]);
  });

  it('holds what the customer entered, each thing by the schema that stands beside it, and neither secrets nor ids of AWS', async () => {
    const { texts, zip } = await exportNow(house);
    const { session, store, other, third, everywhere } = house;
    const { account } = session;
    expect(JSON.parse(texts.get('data/account.json') ?? '')).toMatchObject({ id: account, timeZone: 'Europe/Madrid' });
    expect(documents(texts, 'products.ndjson').map(({ id, name }) => [id, name])).toEqual(
      [
        [store.product, 'Thermometer'],
        [other.product, LONG],
      ].toSorted(),
    );
    expect(documents(texts, 'devices.ndjson')).toHaveLength(22);
    expect(documents(texts, 'devices.ndjson').find(({ id }) => id === other.device).name).toBe(
      'Gerät "№1"\u2028 \\ 😀',
    );
    expect(documents(texts, 'buckets.ndjson').map(({ id }) => id)).toEqual(
      [...store.buckets, third, everywhere].toSorted(),
    );
    expect(documents(texts, 'properties.ndjson').map(({ on, name, value }) => [on, name, value])).toEqual(
      expect.arrayContaining([
        [account, 'first', 1],
        [store.product, 'site', { a: 2, b: 1 }],
        [other.device, 'of-the-other', null],
      ]),
    );
    const ofDevice = documents(texts, 'properties.ndjson').filter(({ on }) => on === deviceId(0));
    expect(ofDevice.map(({ name }) => name)).toEqual(
      ['aa', 'zz', ...Array.from({ length: 60 }, (_, n) => `n-${n}`)].toSorted(),
    );
    expect(documents(texts, 'members.ndjson')).toMatchObject([{ role: 'owner', email: 'o@acme.test', name: 'first' }]);
    expect(documents(texts, 'api-clients.ndjson')).toMatchObject([{ name: 'first' }]);
    expect(documents(texts, 'connectors.ndjson')).toMatchObject([{ name: 'first', kind: 'the-things-stack' }]);
    expect([...texts.keys()].filter((name) => name.startsWith('data/audit/'))).toEqual(
      ['data/audit/2026-01.ndjson.gz', 'data/audit/2026-03.ndjson.gz'].filter((name) => texts.has(name)),
    );
    expect(documents(texts, 'audit/2026-01.ndjson.gz')).toHaveLength(2);

    for (const [kind, schema] of Object.entries(DOCUMENTS)) {
      const lines = [...texts].filter(([name]) => name.startsWith(`data/${kind.replace('-events', '')}`));
      expect(lines.length, kind).toBeGreaterThan(0);
      for (const [, text] of lines) for (const line of text.split('\n').filter(Boolean)) schema.parse(JSON.parse(line));
    }
    const all = [...texts.values()].join('\n');
    for (const secret of ['sub-of-cognito', 'client-id-of-cognito']) expect(all).not.toContain(secret);
    expect(zip.length).toBeGreaterThan(0);
  });

  it('says of every store of the registry what of it is inside, or why nothing is', async () => {
    const { texts, cut } = await exportNow(house);
    const { stores, scope, waitingMessages, ...times } = coverageIn(texts);
    expect({ ...times, scope, waitingMessages }).toEqual({
      cut: new Date(cut).toISOString(),
      scope: { account: true },
      waitingMessages: 3,
    });
    expect(stores.map(({ store }: { store: string }) => store)).toEqual(STORES.map(({ name }) => name));
    for (const { store, state, reason, rows } of stores) {
      if (state === 'excluded') expect(reason, store).toMatch(/^.{10,}\.$/);
      else expect(rows, store).toBeGreaterThan(0);
    }
    expect(storeIn(texts, 'readings')).toMatchObject({ state: 'exported', rows: readingsIn(texts).length });
    expect(storeIn(texts, 'audit trail')).toMatchObject({ state: 'exported', rows: 3 });
    expect(storeIn(texts, 'credentials of devices')).toMatchObject({
      state: 'excluded',
      reason: expect.stringMatching(/secret/i),
    });
  });

  it('is of an account whose every item stands in a family of keys that the registry names', () => {
    const families = STORES.flatMap(({ keys = [] }) => keys).map((family) => {
      const pattern = family.split('*').join('[^#]+');
      return { family, pattern: new RegExp(`^${pattern}$`) };
    });
    const found = new Set<string>();
    for (const table of ['entities', 'readings', 'audit']) {
      for (const { pk } of house.store.database.items(table)) {
        const named = families.filter(({ pattern }) => pattern.test(String(pk?.S))).map(({ family }) => family);
        expect(named, String(pk?.S)).toHaveLength(1);
        found.add(String(named[0]));
      }
    }
    expect(found.size).toBeGreaterThan(15);
  });

  it('opens by other people’s tools, is as long as it says, and has the hash that it says', async () => {
    const { zip, report } = await exportNow(house);
    const { status, stdout } = unzipTest(zip);
    expect(stdout).toContain('No errors detected');
    expect(status).toBe(0);
    expect(report).toMatchObject({ bytes: zip.length, sha256: sha256(zip), waiting: 3 });
  });

  it('of an account with nothing in it holds its profile, and says so', async () => {
    const empty = await emptyHouse(s3);
    empty.store.clock.now = START;
    const { texts } = await exportNow(empty, {}, LITTLE);
    expect([...texts.keys()].filter((name) => name.startsWith('data/readings/'))).toEqual([]);
    expect(texts.get('data/members.ndjson')).toBe('');
    expect(JSON.parse(texts.get('data/account.json') ?? '').id).toBe(empty.session.account);
    expect(storeIn(texts, 'members')).toEqual({ store: 'members', state: 'exported', files: 1, rows: 0 });
    expect(storeIn(texts, 'readings')).toEqual({ store: 'readings', state: 'exported', files: 0, rows: 0 });
  });
});

/** By name: what a scope is, and which readings and documents it takes in. */
const SCOPES: readonly [
  string,
  (house: House) => Partial<ExportInput>,
  (reading: House['model'][number], house: House) => boolean,
][] = [
  [
    'a product',
    ({ store }) => ({ scope: { product: store.product } }),
    ({ product }, { store }) => product === store.product,
  ],
  [
    'another product',
    ({ other }) => ({ scope: { product: other.product } }),
    ({ product }, { other }) => product === other.product,
  ],
  ['a device', () => ({ scope: { device: deviceId(1) } }), ({ device }) => device === deviceId(1)],
  ['a device without readings', () => ({ scope: { device: deviceId(5) } }), () => false],
  [
    'a bucket',
    ({ everywhere }) => ({ scope: { bucket: everywhere } }),
    ({ bucket }, { everywhere }) => bucket === everywhere,
  ],
  [
    'a bucket of one device',
    ({ third }) => ({ scope: { bucket: third } }),
    ({ bucket }, { third }) => bucket === third,
  ],
  [
    'a device in a bucket',
    ({ store }) => ({ scope: { bucket: store.buckets[0] ?? '', device: deviceId(1) } }),
    ({ bucket, device }, { store }) => bucket === store.buckets[0] && device === deviceId(1),
  ],
  [
    'a device of another product in a bucket',
    ({ everywhere, other }) => ({ scope: { bucket: everywhere, device: other.device } }),
    ({ bucket, device }, { everywhere, other }) => bucket === everywhere && device === other.device,
  ],
  [
    'a time, from inclusive, to exclusive',
    () => ({ from: START + 3 * HOUR + 20_000, to: START + 26 * HOUR }),
    ({ ts }) => ts >= START + 3 * HOUR + 20_000 && ts < START + 26 * HOUR,
  ],
  [
    'the time of a bucket within that of the export',
    ({ store }) => ({
      scope: { bucket: store.buckets[0] ?? '', from: START + 5 * HOUR, to: START + 9 * HOUR },
      from: START + 2 * HOUR,
      to: START + 30 * HOUR,
    }),
    ({ bucket, ts }, { store }) => bucket === store.buckets[0] && ts >= START + 5 * HOUR && ts < START + 9 * HOUR,
  ],
  [
    'the time of an export within that of the bucket',
    ({ store }) => ({
      scope: { bucket: store.buckets[0] ?? '', from: START + 2 * HOUR, to: START + 30 * HOUR },
      from: START + 5 * HOUR,
      to: START + 9 * HOUR,
    }),
    ({ bucket, ts }, { store }) => bucket === store.buckets[0] && ts >= START + 5 * HOUR && ts < START + 9 * HOUR,
  ],
];

describe('a part of an account', () => {
  it.each(SCOPES)('%s: its readings and nothing else, in whatever steps', async (_, inputOfScope, isInside) => {
    const expected = linesOf(house.model.filter(isKept(house, CUT())).filter((one) => isInside(one, house)));
    for (const options of [{}, SOME]) {
      const { texts } = await exportNow(house, inputOfScope(house), options);
      expect(linesOf(readingsIn(texts))).toEqual(expected);
      expect(texts.has('data/members.ndjson')).toBe(!('scope' in inputOfScope(house)));
    }
  });

  it('holds the things that it names and what belongs to them, and says which stores are no part of it', async () => {
    const { store, other, third, everywhere } = house;
    const product = await exportNow(house, { scope: { product: other.product } });
    expect(documents(product.texts, 'products.ndjson').map(({ id }) => id)).toEqual([other.product]);
    expect(documents(product.texts, 'devices.ndjson').every((one) => one.product === other.product)).toBe(true);
    expect(documents(product.texts, 'properties.ndjson').map(({ on }) => on)).toEqual([other.device]);
    expect(documents(product.texts, 'buckets.ndjson').map(({ id }) => id)).toEqual([everywhere]);

    const device = await exportNow(house, { scope: { device: deviceId(1) } });
    expect(documents(device.texts, 'devices.ndjson').map(({ id }) => id)).toEqual([deviceId(1)]);
    expect(documents(device.texts, 'products.ndjson').map(({ id }) => id)).toEqual([store.product]);
    expect(documents(device.texts, 'buckets.ndjson').map(({ id }) => id)).toContain(third);

    const bucket = await exportNow(house, { scope: { bucket: third } });
    expect(documents(bucket.texts, 'buckets.ndjson').map(({ id }) => id)).toEqual([third]);
    expect(documents(bucket.texts, 'devices.ndjson').map(({ id }) => id)).toEqual([deviceId(1)]);
    expect(bucket.texts.has('data/properties.ndjson')).toBe(false);
    for (const { texts } of [product, device, bucket]) {
      for (const name of ['members', 'API clients', 'connectors', 'account profile', 'audit trail'])
        expect(storeIn(texts, name)).toMatchObject({ state: 'excluded', reason: 'No part of this scope.' });
    }
  });

  it.each([
    ['device', () => ({ device: newId('device') })],
    ['product', () => ({ product: newId('product') })],
    ['bucket', () => ({ bucket: newId('bucket') })],
    ['device', ({ everywhere }: House) => ({ bucket: everywhere, device: newId('device') })],
  ])('whose %s is gone meanwhile ends as failed, and says why', async (_, scopeOf) => {
    const id = await queue(house, inputOf(house, { scope: scopeOf(house) }));
    const { job, objects } = await run(house, id);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'not-found' } });
    expect(objects).toEqual([]);
  });
});

describe('what its caller may not read', () => {
  it('is left out, and the archive says which rights were lacking', async () => {
    const { texts } = await exportNow(house, { kinds: ['products', 'devices', 'readings'] });
    for (const file of [
      'account.json',
      'members.ndjson',
      'api-clients.ndjson',
      'connectors.ndjson',
      'buckets.ndjson',
      'properties.ndjson',
    ])
      expect(texts.has(`data/${file}`), file).toBe(false);
    expect([...texts.keys()].filter((name) => name.startsWith('data/audit/'))).toEqual([]);
    expect(readingsIn(texts).length).toBeGreaterThan(0);
    expect(storeIn(texts, 'members')).toEqual({
      store: 'members',
      state: 'excluded',
      reason: 'Who asked for the export lacked custodia/members.read.',
    });
    expect(storeIn(texts, 'audit trail').reason).toContain('custodia/audit-events.read');
    const without = await exportNow(house, { kinds: EVERYTHING.filter((kind) => kind !== 'readings') });
    expect(readingsIn(without.texts)).toEqual([]);
    expect(storeIn(without.texts, 'readings').reason).toContain('custodia/readings.read');
  });

  it('is decided right by right; properties need the rights of all that may carry them', () => {
    const all = ['account.read', 'products.read', 'devices.read'] as const;
    expect(readableKinds(new Set(all))).toEqual(['account', 'products', 'devices', 'properties']);
    for (const lacking of all)
      expect(readableKinds(new Set(all.filter((one) => one !== lacking)))).not.toContain('properties');
    expect(readableKinds(new Set(['readings.read', 'audit-events.read']))).toEqual(['audit-events', 'readings']);
    expect(readableKinds(new Set())).toEqual([]);
  });
});

/** The same job again, in an account where nothing has changed. */
async function again(of: House, id: string, input: ExportInput, options: RunOptions) {
  const begun = of.store.clock.now;
  await queue(of, input, id);
  const ran = await run(of, id, options);
  of.store.clock.now = begun;
  return { ...ran, zip: ran.job.status === 'succeeded' ? zipOf(of, id) : Buffer.alloc(0) };
}

describe('the same archive, to the byte,', () => {
  const id = newId('export');
  it('comes of one step and of a file a step, killed after each step, in parts or not', {
    timeout: 150_000,
  }, async () => {
    const input = inputOf(house);
    const { zip } = await again(house, id, input, {});
    const killed = { killEach: true };
    for (const options of [SOME, { ...SOME, ...killed }, { ...LITTLE, ...killed, operationsAPart: 12 }]) {
      const ran = await again(house, id, input, options);
      expect(ran.job.status).toBe('succeeded');
      if ('operationsAPart' in options) {
        expect(ran.histories.length).toBeGreaterThan(60);
        expect(ran.parts).toBeGreaterThan(3);
      }
      expect(sha256(ran.zip)).toBe(sha256(zip));
      expect(ran.objects).toEqual([`exports/${id}/archive.zip`]);
      expect(ran.uploads).toBe(0);
    }
  });

  it('comes of a job whose process dies at any call of S3, before it or when only the answer is lost', {
    timeout: 150_000,
  }, async () => {
    const input = inputOf(house, { scope: { bucket: house.third } });
    const calls: string[] = [];
    s3.watch((command, when) => void (when === 'after' && calls.push(command)));
    const whole = await again(house, id, input, SOME);
    expect(calls.length).toBeGreaterThan(15);
    for (const at of ['before', 'after'] as const) {
      for (let last = 0; last < calls.length; last += stride(3)) {
        let count = 0;
        s3.watch((_, when) => {
          if (when === at && count++ === last) throw new Error('died');
        });
        const ran = await again(house, id, input, SOME);
        s3.watch();
        const what = `${at} ${last}: ${calls[last]}`;
        expect(ran.job.status, what).toBe('succeeded');
        expect(sha256(ran.zip), what).toBe(sha256(whole.zip));
        expect(ran.objects, what).toEqual([`exports/${id}/archive.zip`]);
      }
    }
  });
});

describe('while an account goes on living', () => {
  it('an archive holds what was stored before its cut, and nothing that came after, however often it is killed', async () => {
    const living = await fullHouse(s3);
    const { store, session, keep } = living;
    const { clock, product, buckets } = store;
    const id = await queue(living, inputOf(living));
    const { cut } = inputOf(living);
    const before = living.model.filter(isKept(living, cut));
    const early: typeof before = [];
    let late = 0;
    const receive = async (value: string) => {
      const row = { ts: START + 10 * HOUR, receivedAt: clock.now, value };
      await keep(product, { device: deviceId(0), stream: 'late', buckets, rows: [row] });
      await addDevice(living, product, value, 100 + late);
      await addProduct(living, newId('product'), value);
      await addBucket(living, value);
      await addAccess(living, `${value}-${late}`);
      const event = {
        id: newId('auditEvent'),
        at: clock.now,
        action: value,
        principalKind: 'client',
        principal: 'x',
      } as const;
      await recordEvent(session, { ...event, target: [], status: 201 });
    };
    const ran = await run(living, id, {
      isEnough: ({ files }) => files >= 2,
      killEach: true,
      early: async () => {
        await receive('early');
        early.push(...living.model.slice(-buckets.length));
      },
      between: async (step) => {
        if (clock.now < cut || step % 5 !== 0) return;
        late += 1;
        await receive('too-late');
        // Also what is there already, once more; and merging goes on.
        await keep(product, {
          device: deviceId(1),
          stream: 's',
          buckets,
          rows: [{ ts: START, receivedAt: clock.now, value: 0 }],
        });
        clock.now += HOUR;
        if (step % 10 === 0) await store.compact();
      },
    });
    expect(ran.job.status).toBe('succeeded');
    expect(late).toBeGreaterThan(3);
    const read = textsOf(await unzipped(zipOf(living, id)), /./);
    expect(linesOf(readingsIn(read))).toEqual(linesOf([...before, ...early]));
    const all = [...read.values()].join('\n');
    expect(all).not.toContain('too-late');
    expect(documents(read, 'devices.ndjson').map(({ name }) => name)).toContain('early');
    for (const file of ['products', 'buckets'])
      expect(documents(read, `${file}.ndjson`).map(({ name }) => name)).toContain('early');
    for (const file of ['members', 'api-clients', 'connectors', 'properties'])
      expect(documents(read, `${file}.ndjson`).map(({ name }) => name)).toContain('early-0');
    expect(all).toContain('"action":"early"');
  });
});

describe('while things of an account are deleted', () => {
  it('an archive ends well, with all that is still there', async () => {
    const waning = await fullHouse(s3);
    const { store, session } = waning;
    const gone = deviceId(0);
    const drop = async () => {
      const device = await devices.find(session, gone);
      if (device) await writeTogether(session, await devices.drop(session, device));
      await session.keys.destroy({ product: store.product, device: gone });
      const bucket = await buckets.find(session, store.buckets[1] ?? '');
      if (bucket) await writeTogether(session, await buckets.drop(session, bucket));
      await session.keys.destroy({ bucket: store.buckets[1] ?? '' });
    };
    const { cut } = inputOf(waning);
    const id = await queue(waning, inputOf(waning));
    // In the midst of the device's days: two of them are written.
    let dropped = false;
    const ran = await run(waning, id, {
      isEnough: ({ files }) => files >= 2,
      between: async () => {
        if (dropped || (await find(waning, id)).plain.progress.done < 900) return;
        dropped = true;
        await drop();
      },
    });
    expect([ran.job.status, dropped]).toEqual(['succeeded', true]);
    const read = textsOf(await unzipped(zipOf(waning, id)), /./);
    const kept = (reading: { bucket: string; device: string }) =>
      reading.device !== gone && reading.bucket !== store.buckets[1];
    expect(linesOf(readingsIn(read).filter(kept))).toEqual(
      linesOf(waning.model.filter(isKept(waning, cut)).filter(kept)),
    );
    expect(unzipTest(zipOf(waning, id)).status).toBe(0);
  });
});

describe('a job that does not succeed', () => {
  const fails = (...commands: string[]) =>
    s3.watch((command, when) => {
      if (when === 'before' && commands.includes(command)) throw new Error('S3 is out of order.');
    });

  it.each([['CreateMultipartUpload'], ['UploadPart'], ['CompleteMultipartUpload'], ['PutObject']])(
    'because of %s leaves no object and no upload, and succeeds when it is tried again',
    async (command) => {
      const id = await queue(house, inputOf(house));
      fails(command);
      const ran = await run(house, id, SOME);
      expect(ran.job).toMatchObject({ status: 'failed', error: { code: 'internal' } });
      expect(ran.report).toBeUndefined();
      expect(ran.uploads).toBe(command === 'PutObject' ? 3 : 0);
      expect(ran.objects).toEqual([]);
      s3.watch();
      await retry(house, id);
      const second = await run(house, id, SOME);
      expect(second.job).toMatchObject({ status: 'succeeded', attempt: 2 });
      expect(unzipTest(zipOf(house, id)).status).toBe(0);
      expect(second.objects).toEqual([`exports/${id}/archive.zip`]);
    },
  );

  it('because S3 fails wholly is taken away by the next attempt', async () => {
    const id = await queue(house, inputOf(house));
    const first = await run(house, id, {
      ...SOME,
      between: async (step) => {
        if (step === 8) s3.watch(() => Promise.reject(new Error('S3 is out of order.')));
      },
    });
    expect(first.job.status).toBe('failed');
    expect(first.objects.length).toBeGreaterThan(5);
    s3.watch();
    await retry(house, id);
    const second = await run(house, id, SOME);
    expect(second.job.status).toBe('succeeded');
    expect(second.objects).toEqual([`exports/${id}/archive.zip`]);
    expect(second.uploads).toBe(first.uploads - 1);
  });

  it('because it was cancelled leaves nothing, at whatever step, and succeeds when it is tried again', async () => {
    for (const at of [1, 3, 4, 8]) {
      const id = await queue(house, inputOf(house));
      const ran = await run(house, id, {
        ...SOME,
        between: async (step) => void (step === at && (await cancel(house, id))),
      });
      expect(ran.job.status, String(at)).toBe('cancelled');
      expect(ran.objects).toEqual([]);
      await retry(house, id);
      expect((await run(house, id)).job.status).toBe('succeeded');
    }
  });

  it('shows nothing of the customer’s in the history of its execution', async () => {
    const id = await queue(house, inputOf(house));
    const { histories } = await run(house, id, SOME);
    const text = histories.join('\n');
    for (const word of ['Thermometer', 'acme.test', LONG.slice(0, 20), '№1']) expect(text).not.toContain(word);
    expect(text).toContain(deviceId(1));
  });
});

describe('an archive of several parts', () => {
  it('is the same, whether a step writes all of it or less than a part', async () => {
    const big = await emptyHouse(s3);
    const { store, keep } = big;
    const { clock, product, buckets } = store;
    clock.now = START;
    await addProduct(big, product, 'Camera');
    for (let day = 0; day < 4; day++) {
      clock.now = START + day * DAY;
      for (let n = 0; n < 45; n++) {
        const rows = [{ ts: clock.now + n, receivedAt: clock.now, value: random(75_000) }];
        await keep(product, { device: deviceId(day), stream: 's', buckets: buckets.slice(0, 1), rows });
      }
    }
    clock.now += 1500;
    const id = newId('export');
    const input = inputOf(big);
    const parts: number[] = [];
    s3.watch((command, when) => void (command === 'UploadPart' && when === 'after' && parts.push(0)));
    const whole = await again(big, id, input, {});
    expect(parts.length).toBeGreaterThan(1);
    expect(whole.zip.length).toBeGreaterThan(12_000_000);
    const cut = await again(big, id, input, { isEnough: ({ bytes }) => bytes > 3_000_000 });
    expect(sha256(cut.zip)).toBe(sha256(whole.zip));
    expect(linesOf(readingsIn(textsOf(await unzipped(cut.zip), /readings/)))).toEqual(linesOf(big.model));
    expect(cut.uploads).toBe(0);
  });
});
