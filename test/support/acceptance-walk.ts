/**
 * Compaction at full size: 20 devices publish 100,000 readings over MQTT, the clock passes the hour and the day, and what the API
 * answers per hour is compared with plain arithmetic, before and after. Prints how long each part took.
 *
 *     node infra/node24.cjs test/support/acceptance-walk.ts
 *
 * `CUSTODIA_READINGS`: how many readings; default 100,000.
 */
import assert from 'node:assert/strict';
import { clientToken, made, openAccount, type Program, program } from './api.ts';
import { makeDevice, makeProduct, type TestDevice } from './device.ts';
import { startHost } from './host.ts';
import { makeBucket, send } from './readings.ts';

const COUNT = Number(process.env.CUSTODIA_READINGS ?? 100_000);
const DEVICES = 20;
const IN_MESSAGE = 50;
const HOUR = 3_600_000;
const STEP = 10_000;
/** On the compactor's work, after the clock was moved. */
const PATIENCE_MS = 20_000;

const host = await startHost();
let acme: Program = await openAccount(host.endpoints);
const began = performance.now();
const tell = (text: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1)} s: ${text}`);

/** Rows of all pages. */
async function rows(bucket: string, query: string): Promise<{ from: string; device: string; values: unknown }[]> {
  const all = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const body = made(await acme.get(`/v1/buckets/${bucket}/readings?limit=1000&${query}${more}`), 200);
    all.push(...body.items);
    cursor = body.next;
  } while (cursor !== undefined);
  return all;
}

try {
  const product = await makeProduct(acme);
  const devices: TestDevice[] = [];
  for (let n = 0; n < DEVICES; n++) devices.push(await makeDevice(acme, product, `d-${n}`));
  const bucket = await makeBucket(acme, { product });
  const each = Math.floor(COUNT / DEVICES);
  const first = Math.floor((await host.advance(0)) / HOUR) * HOUR - each * STEP;
  const readingsOf = (n: number) =>
    Array.from({ length: each }, (_, i) => ({ ts: first + i * STEP, t: ((i * 37 + n * 11) % 400) / 10 }));
  const expected = new Map<string, object>();
  for (const [n, device] of devices.entries()) {
    for (const [hour, all] of Map.groupBy(readingsOf(n), ({ ts }) => Math.floor(ts / HOUR))) {
      const tenths = all.map(({ t }) => Math.round(t * 10));
      const sum = tenths.reduce((a, b) => a + b, 0) / 10;
      const key = `${new Date(hour * HOUR).toISOString()} ${device.id}`;
      expected.set(key, { t: { mean: sum / all.length, max: Math.max(...tenths) / 10, count: all.length } });
    }
  }
  tell('ready');
  // One after the other: on a busy machine, twenty TLS handshakes at once take longer than a client waits.
  for (const [n, device] of devices.entries()) {
    const all = readingsOf(n);
    const messages = Array.from({ length: Math.ceil(each / IN_MESSAGE) }, (_, i) =>
      all.slice(i * IN_MESSAGE, (i + 1) * IN_MESSAGE),
    );
    await send(host.endpoints, device, 'telemetry', ...messages);
  }
  tell(`${each * DEVICES} readings published`);

  const check = async (when: string) => {
    const start = performance.now();
    const found = await rows(bucket, 'every=1h&aggregate=mean,max,count&fields=t');
    const got = new Map(found.map(({ from, device, values }) => [`${from} ${device}`, values]));
    const same = [...expected].every(([key, values]) => JSON.stringify(got.get(key)) === JSON.stringify(values));
    tell(
      `${when}: ${found.length} rows in ${((performance.now() - start) / 1000).toFixed(1)} s${same ? '' : ' (not all yet)'}`,
    );
    return same && found.length === expected.size;
  };
  for (let tries = 0; !(await check('fresh')); tries++) {
    assert(tries < 60, 'The readings never became readable.');
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  for (const [name, span] of [
    ['an hour later', HOUR],
    ['a day later', 24 * HOUR],
  ] as const) {
    const now = await host.advance(0);
    await host.advance((Math.ceil(now / span) * span + 4 * 60_000 - now) / 1000);
    acme = { ...acme, ...program(host.endpoints, await clientToken(host.endpoints, acme.client)) };
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    assert(await check(name), `${name}, the rows are others.`);
  }
  // Fresh blocks have expired: only what was merged is left.
  await host.advance(15 * 24 * 3600);
  await host.control('reap');
  acme = { ...acme, ...program(host.endpoints, await clientToken(host.endpoints, acme.client)) };
  assert(await check('weeks later'), 'Without the fresh blocks, the rows are others.');
  tell('all rows as plain arithmetic makes them');
} finally {
  await host.dispose();
}
