/** Readings on their way in and out: buckets for them, devices that send them, and pages that are read whole. */
import { expect } from 'vitest';
import { type Answer, eventually, made, type Program } from './api.ts';
import { connectDevice, publish, type TestDevice } from './device.ts';
import type { Endpoints } from './host.ts';

/** A bucket for everything of the account, or for what the source names. */
export const makeBucket = async (of: Program, source: object = {}, more: object = {}): Promise<string> =>
  made(await of.post('/v1/buckets', { name: 'bucket', source, ...more })).id;

/** Publishes each payload (text as it is, else as JSON) from the device over one connection. */
export async function send(endpoints: Endpoints, device: TestDevice, stream: string, ...payloads: unknown[]) {
  const client = await connectDevice(endpoints, device);
  await Promise.all(payloads.map((payload) => publish(client, device.topic(stream), payload)));
  await client.endAsync();
}

/** All pages from a path on, by the `Link` header alone, as a client that knows nothing else would go. */
export async function walk(of: Program, path: string, headers: Record<string, string> = {}): Promise<Answer[]> {
  const pages: Answer[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const page: Answer = await of.get(next, { headers });
    expect(page.status, page.text.slice(0, 500)).toBe(200);
    pages.push(page);
    next = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    if (page.body) expect(page.body.next === undefined).toBe(next === undefined);
    if (pages.length > 200) throw new Error(`${path} has no end`);
  }
  return pages;
}

/** Waits until the bucket holds so many readings, on however many pages, and fails if it never does, or holds more. */
export async function holds(of: Program, bucket: string, count: number): Promise<void> {
  const ask = async () =>
    (await walk(of, `/v1/buckets/${bucket}/readings?limit=1000`)).reduce((sum, { body }) => sum + body.items.length, 0);
  expect(await eventually(ask, (held) => held >= count)).toBe(count);
}
