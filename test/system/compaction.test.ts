/**
 * What a customer sees of compaction: nothing. Answers before, meanwhile and after are the same. The compactor's log, where the
 * host's README says it lies, tells a test that it has run, and nothing else.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, clientToken, eventually, made, openAccount, type Program, program } from '../support/api.ts';
import { makeDevice, makeProduct, type TestDevice } from '../support/device.ts';
import { type Host, startHost } from '../support/host.ts';
import { holds, makeBucket, send, walk } from '../support/readings.ts';
import { itemsOnDisk } from '../support/tables-on-disk.ts';

const HOUR = 3_600_000;
const NDJSON = 'application/x-ndjson';
/** Midnight in Madrid; in the night to the 25th of October the clock is put back. */
const FIRST = Date.parse('2026-10-23T22:00:00Z');
const HOURS = 49;
const COMPACTOR = 'queue/compact';

interface Row {
  readonly from: string;
  readonly to: string;
  readonly device: string;
  readonly values: { readonly t: Readonly<Record<'mean' | 'max', number>> };
}

/** Its own: it goes weeks ahead, and compactors die in it. */
let host: Host;
let acme: Program;
let other: Program;
let fast: TestDevice;
let slow: TestDevice;
let bucket: string;
/** Beside it: shows that ingest has taken what was sent. */
let pulses: string;
let messages: object[][];
let before: Awaited<ReturnType<typeof answers>>;

/** Tokens don't outlive a day: after each move of the clock, everybody asks for a new one. */
const afresh = async (one: Program): Promise<Program> => ({
  ...one,
  ...program(host.endpoints, await clientToken(host.endpoints, one.client)),
});

const rowsOf = (pages: readonly Answer[]): Row[] => pages.flatMap(({ body }) => body.items);
const ask = (query: string, headers = {}) => walk(acme, `/v1/buckets/${bucket}/readings?limit=1000&${query}`, headers);
const rows = async (query: string) => rowsOf(await ask(`aggregate=mean,max&fields=t&timeZone=Europe/Madrid&${query}`));
const raw = async (query: string) => (await ask(query, { accept: NDJSON })).map(({ text }) => text).join('');

const answers = async () => ({
  readings: await raw('order=asc'),
  backwards: await raw(`order=desc&device=${fast.id}`),
  hours: await rows('every=1h'),
  days: await rows('every=1d'),
});

function runsOfCompactor(): number {
  const logs = path.join(host.data, 'services/lambda/logs');
  const groups = readdirSync(logs).filter((group) => group.includes('Compactor'));
  const texts = groups.flatMap((group) =>
    readdirSync(path.join(logs, group)).map((file) => readFileSync(path.join(logs, group, file), 'utf8')),
  );
  return texts.join('').match(/^.*\bREPORT\b/gm)?.length ?? 0;
}

async function moveTo(span: number): Promise<void> {
  const now = await host.advance(0);
  await host.advance((Math.ceil(now / span) * span + 4 * 60_000 - now) / 1000);
}

/** Whether a compactor works on the product, or died over it: then its lease lies in the table. */
const isHeld = async () =>
  (await itemsOnDisk(host.data)).some((item) => item.includes(`#P#${fast.product}`) && item.includes('"owner":'));

/** Kills the compactor in the midst of its work on the day that has closed. Answers whether it did: nobody gave the lease back. */
async function killCompactor(): Promise<boolean> {
  await moveTo(24 * HOUR);
  expect(await eventually(isHeld, Boolean, 30_000)).toBe(true);
  await host.control('kill-worker', { function: COMPACTOR });
  return isHeld();
}

/** Moves the clock to some minutes after the next full hour, or the next midnight, and waits until the compactor has done its work. */
async function past(span: number): Promise<void> {
  const runs = runsOfCompactor();
  await moveTo(span);
  expect(
    await eventually(
      async () => runsOfCompactor(),
      (count) => count > runs,
      30_000,
    ),
  ).toBeGreaterThan(runs);
  acme = await afresh(acme);
  other = await afresh(other);
}

afterAll(() => host?.dispose());

beforeAll(async () => {
  host = await startHost();
  acme = await openAccount(host.endpoints);
  other = await openAccount(host.endpoints);
  const product = await makeProduct(acme);
  fast = await makeDevice(acme, product, 'fast');
  slow = await makeDevice(acme, product, 'slow');
  bucket = await makeBucket(acme, { product, stream: 'telemetry' }, { timeZone: 'Europe/Madrid' });
  pulses = await makeBucket(acme, { product, stream: 'pulse' });
  // Every sixth hour has enough readings for a block of its own.
  const sent = Array.from({ length: HOURS * 120 }, (_, i) => ({
    ts: FIRST + i * 30_000,
    t: ((i * 37) % 400) / 10,
  })).filter((_, i) => Math.floor(i / 120) % 6 === 0 || i % 30 === 0);
  messages = Array.from({ length: Math.ceil(sent.length / 200) }, (_, i) => sent.slice(i * 200, (i + 1) * 200));
  await send(host.endpoints, fast, 'telemetry', ...messages, messages[0]);
  const readings = Array.from({ length: HOURS * 3 }, (_, i) => ({
    device: slow.id,
    stream: 'telemetry',
    ts: FIRST + i * 20 * 60_000,
    value: { t: ((i * 13) % 100) / 10 },
  }));
  made(await acme.post(`/v1/buckets/${bucket}/readings`, { readings }), 200);
  await holds(acme, bucket, sent.length + readings.length);
  before = await answers();
});

describe('the answers about two days, of which one has 25 hours', () => {
  it('are what plain arithmetic makes of the readings', () => {
    const readings = before.readings
      .trim()
      .split('\n')
      .map((line): { ts: string; device: string; value: { t: number } } => JSON.parse(line));
    const expected = [...Map.groupBy(readings, ({ ts, device }) => `${ts.slice(0, 13)} ${device}`)].map(
      ([key, all]) => {
        const values = all.map(({ value }) => value.t);
        const sum = values.reduce((total, t) => total + Math.round(t * 10), 0) / 10;
        return [key, { mean: sum / values.length, max: Math.max(...values) }];
      },
    );
    expect(before.hours.map(({ from, device, values }) => [`${from.slice(0, 13)} ${device}`, values.t])).toEqual(
      expected,
    );
    const long = ({ from, to }: Row) => (Date.parse(to) - Date.parse(from)) / HOUR;
    expect(before.days.map(long)).toEqual([24, 24, 25, 25]);
    const ofSunday = ({ from, device }: Row) => device === fast.id && Date.parse(from) >= FIRST + 24 * HOUR;
    expect(before.hours.filter(ofSunday)).toHaveLength(25);
  });

  it('are the same when the hour has closed', async () => {
    await past(HOUR);
    expect(await answers()).toEqual(before);
  });

  it('are the same when the day has closed, and a compactor has died on the way', { timeout: 150_000 }, async () => {
    let sent = 0;
    // All of it once more: the answers stay the same, and there is something to merge.
    const again = async () => {
      acme = await afresh(acme);
      await send(host.endpoints, fast, 'telemetry', ...messages);
      await send(host.endpoints, fast, 'pulse', { ts: FIRST, sent });
      sent += 1;
      await holds(acme, pulses, sent);
    };
    let killed = false;
    // It may have been quicker.
    for (let tries = 0; tries < 5 && !killed; tries++) {
      await again();
      killed = await killCompactor();
    }
    expect(killed).toBe(true);
    acme = await afresh(acme);
    expect(await answers()).toEqual(before);
    await again();
    await past(24 * HOUR);
    expect(await answers()).toEqual(before);
  });

  it('are the same weeks later, when nothing is left of the fresh blocks', async () => {
    await past(24 * HOUR);
    await past(24 * HOUR);
    await host.advance(14 * 24 * 3600);
    await host.control('reap');
    acme = await afresh(acme);
    other = await afresh(other);
    expect(await answers()).toEqual(before);
  });

  it('are for nobody else', async () => {
    expect((await other.get(`/v1/buckets/${bucket}/readings?every=1h`)).status).toBe(404);
  });
});
