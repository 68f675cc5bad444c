/** What becomes of each message of a batch. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collects } from '../../../shared/bucket/bucket.ts';
import { type Lookups, type Message, type Sorted, sortMessages } from '../../../shared/ingest/sort-messages.ts';
import { idOf } from './ids.ts';

const NOW = Date.parse('2026-03-02T00:00:00Z');
const [a, b, unknown] = [idOf('account', 1), idOf('account', 2), idOf('account', 3)];
const [pa, pb] = [idOf('product', 1), idOf('product', 2)];
const [da, db, other] = [idOf('device', 1), idOf('device', 2), idOf('device', 3)];

const certificate = (account: string, product: string, device: string, number: number) => ({
  account,
  product,
  device,
  number,
  credential: idOf('credential', 1),
});
const collecting = (status: 'active' | 'suspended', ...sources: { device?: string; stream?: string }[]) => ({
  status,
  collectors: (from: { product: string; device: string; stream: string }) =>
    sources.flatMap((source, i) => (collects(source, from) ? [idOf('bucket', i)] : [])),
});

const lookups: Lookups = {
  certificates: new Map([
    ['cert-a', certificate(a, pa, da, 1)],
    ['cert-other', certificate(a, pa, other, 2)],
    ['cert-b', certificate(b, pb, db, 1)],
  ]),
  accounts: new Map([
    [a, collecting('active', { stream: 's' }, { device: da })],
    [b, collecting('suspended', {})],
  ]),
};

let sent = 0;
function message(topic: string, payload: unknown, principal = 'cert-a'): Message {
  sent += 1;
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
  const envelope = { topic, payload: bytes.toString('base64'), principal, receivedAt: NOW, messageId: `m${sent}` };
  return { delivery: `d${sent}`, envelope };
}
const topicOf = (account: string, product: string, device: string, stream = 's') =>
  `dt/${account}/${product}/${device}/${stream}`;
const own = topicOf(a, pa, da);

const reasons = ({ rejections }: Sorted) => rejections.map(({ rejection }) => rejection.reason);

describe('a message', () => {
  it('is kept with every bucket that collects it', () => {
    const sorted = sortMessages([message(own, { v: 1 }), message(topicOf(a, pa, other), 2, 'cert-other')], lookups);
    expect(sorted.packets).toHaveLength(1);
    expect(sorted.packets[0]).toMatchObject({
      account: a,
      product: pa,
      groups: [
        {
          device: da,
          stream: 's',
          buckets: [idOf('bucket', 0), idOf('bucket', 1)],
          rows: [{ ts: NOW, receivedAt: NOW }],
        },
        { device: other, stream: 's', buckets: [idOf('bucket', 0)], rows: [{ value: 2 }] },
      ],
    });
    expect(sorted.packets[0]?.numbers).toEqual(
      new Map([
        [da, 1],
        [other, 2],
      ]),
    );
    expect(sorted.rejections).toEqual([]);
  });

  it('that nothing collects is counted alone, but listed if it can’t be read', () => {
    const topic = topicOf(a, pa, other, 'quiet');
    const { packets, outcomes, ...rest } = sortMessages([message(topic, [1, 2], 'cert-other')], lookups);
    expect(packets).toEqual([]);
    expect(rest.rejections).toEqual([]);
    expect(outcomes).toMatchObject([{ stored: 0, uncollected: 2, rejected: 0 }]);
    expect(reasons(sortMessages([message(topic, Buffer.from('{'), 'cert-other')], lookups))).toEqual(['not-json']);
  });

  it.each([
    ['a revoked certificate', own, 'gone'],
    ['no certificate', own, ''],
    ['a certificate of a sibling', own, 'cert-other'],
    ['a certificate of another account', own, 'cert-b'],
    ['a product that isn’t the device’s', topicOf(a, pb, da), 'cert-a'],
    ['an account that isn’t the device’s', topicOf(b, pa, da), 'cert-a'],
  ])('with %s is unknown, and listed for the account that its topic names', (_, topic, principal) => {
    const sorted = sortMessages([message(topic, 1, principal)], lookups);
    expect(sorted.packets).toEqual([]);
    expect(reasons(sorted)).toEqual(['unknown-device']);
    expect(sorted.rejections[0]?.account).toBe(topic.split('/')[1]);
  });

  it('of a suspended account is listed', () => {
    const sorted = sortMessages([message(topicOf(b, pb, db), 1, 'cert-b')], lookups);
    expect([sorted.packets, reasons(sorted)]).toEqual([[], ['account-suspended']]);
  });

  it('of a wrong topic is listed for its account; of nobody’s it is counted alone', () => {
    expect(reasons(sortMessages([message(`dt/${a}/x`, 1)], lookups))).toEqual(['bad-topic']);
    for (const topic of ['dt/x/y/z/s', topicOf(unknown, pa, da)]) {
      const { packets, rejections, outcomes } = sortMessages([message(topic, 1)], lookups);
      expect([packets, rejections]).toEqual([[], []]);
      expect(outcomes).toMatchObject([{ stored: 0, uncollected: 0, rejected: 1 }]);
    }
  });

  it('may be kept in part: it stands in a packet and in the list', () => {
    const { packets, rejections, outcomes } = sortMessages([message(own, [1, { ts: 'bad' }])], lookups);
    expect(packets[0]?.groups[0]?.rows).toHaveLength(1);
    expect(rejections).toHaveLength(1);
    expect(outcomes).toMatchObject([{ stored: 1, rejected: 1 }]);
  });
});

describe('packets', () => {
  it('hold one account and product each, and end before an item would be full', () => {
    const large = 'x'.repeat(100_000);
    const messages = Array.from({ length: 7 }, () => message(own, large));
    const { packets } = sortMessages(messages, lookups);
    expect(packets.map(({ parts }) => parts.length)).toEqual([2, 2, 2, 1]);
    const deliveries = packets.flatMap(({ parts }) => parts.map((part) => part.message.delivery));
    expect(deliveries).toEqual(messages.map(({ delivery }) => delivery));
  });
});

describe('any batch', () => {
  it('comes out whole: each message once, each reading in one place, nothing for another account', () => {
    const topic = fc.oneof(
      fc.constantFrom(own, topicOf(a, pa, other), topicOf(b, pb, db), topicOf(b, pa, da), topicOf(unknown, pa, da)),
      fc.constantFrom(`dt/${a}`, `dt/${a}/${pa}/${da}/a/b`, 'dt', ''),
      fc.string(),
    );
    const payload = fc.oneof(
      fc.jsonValue(),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    );
    const principal = fc.constantFrom('cert-a', 'cert-other', 'cert-b', 'gone', '');
    const one = fc.tuple(topic, payload, principal).map((of) => message(...of));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 20 }), (messages) => {
        const { packets, rejections, outcomes } = sortMessages(messages, lookups);
        expect(outcomes.map(({ delivery }) => delivery)).toEqual(messages.map(({ delivery }) => delivery));
        const rows = packets.flatMap(({ groups }) => groups.flatMap((group) => group.rows));
        const sourced = packets.flatMap(({ parts }) => parts.flatMap((part) => part.rows));
        expect(new Set(rows)).toEqual(new Set(sourced));
        expect(rows).toHaveLength(outcomes.reduce((sum, { stored }) => sum + stored, 0));
        const listed = new Set(rejections.map(({ delivery }) => delivery));
        expect(listed.size).toBe(rejections.length);
        for (const { delivery, rejected } of outcomes) if (listed.has(delivery)) expect(rejected).toBe(1);
        for (const { account, parts } of packets)
          for (const { message: of } of parts) expect(of.envelope.topic.startsWith(`dt/${account}/`)).toBe(true);
        for (const { account, rejection } of rejections) expect(rejection.topic.split('/')[1]).toBe(account);
      }),
    );
  });
});
