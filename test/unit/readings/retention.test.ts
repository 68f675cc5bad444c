/** When readings expire: by their bucket's retention when they are merged, and by the new one after it has changed. */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, it } from 'vitest';
import { bucketKey } from '../../../shared/bucket/bucket-keys.ts';
import { EXPIRIES } from '../../../shared/readings/sweeps.ts';
import { deviceId, openStore, type Store } from './compaction/store.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function filled(): Promise<Store> {
  const store = await openStore(START, { retentionDays: 30 });
  for (let hour = 0; hour < 24; hour++) {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ ts: store.clock.now + i * 20_000, receivedAt: 0, value: i }));
    await store.ingest(
      [150, 3].map((count, n) => ({ device: deviceId(n), stream: 's', buckets: store.buckets, rows: rows(count) })),
    );
    store.clock.now += HOUR;
  }
  store.clock.now += 5 * 60_000;
  expect(await store.compact()).toBe('done');
  return store;
}

/** Blocks, catalogs and summaries of a bucket: their keys, with the days after their span's end at which they expire. */
function expiries(store: Store, bucket: string): Record<string, number | undefined> {
  const items = store.database.items('readings').filter(({ pk }) => String(pk?.S).includes(`#${bucket}`));
  return Object.fromEntries(
    items
      .filter(({ pk }) => !/FRESH|BUNDLE/.test(String(pk?.S)))
      .map(({ pk, sk, ttl }) => {
        const span = String(sk?.S);
        const end = span.length === 10 ? Date.parse(span) + DAY : Date.parse(`${span}:00:00Z`) + HOUR;
        const days = ttl === undefined ? undefined : (Number(ttl.N) * 1000 - end) / DAY;
        return [`${String(pk?.S).split('#').slice(4).join('#')} ${span}`, days];
      }),
  );
}

it('is written with every block, catalog and summary', async () => {
  const store = await filled();
  const [kept = '', forEver = ''] = store.buckets;
  expect(Object.keys(expiries(store, kept)).length).toBeGreaterThan(25);
  expect(new Set(Object.values(expiries(store, kept)))).toEqual(new Set([30]));
  expect(new Set(Object.values(expiries(store, forEver)))).toEqual(new Set([undefined]));
});

it.each([7, undefined, 400])('becomes %s days, everywhere', async (days) => {
  const store = await filled();
  const { session, product, clock } = store;
  const [bucket = '', other = ''] = store.buckets;
  const change = days === undefined ? 'REMOVE retentionDays' : 'SET retentionDays = :days';
  await session.db.send(
    new UpdateItemCommand({
      TableName: 'entities',
      Key: marshall(bucketKey(session.account, bucket)),
      UpdateExpression: change,
      ...(days === undefined ? {} : { ExpressionAttributeValues: marshall({ ':days': days }) }),
    }),
  );
  const before = Object.keys(expiries(store, bucket));
  for (const { sweep } of EXPIRIES) {
    let after: string | undefined;
    do after = await sweep(session, product, { range: { bucket }, buckets: [bucket], after, now: clock.now });
    while (after !== undefined);
  }
  expect(Object.keys(expiries(store, bucket))).toEqual(before);
  expect(new Set(Object.values(expiries(store, bucket)))).toEqual(new Set([days]));
  expect(new Set(Object.values(expiries(store, other)))).toEqual(new Set([undefined]));
});
