/**
 * Decides, without acting, what becomes of each message of a batch: which readings are kept in which block, what is rejected, what
 * no bucket collects. Pure but for the lookups, which are given.
 */
import type { Collectors } from '../bucket/instructions.ts';
import type { CertificateRow } from '../directory/directory.ts';
import type { Group } from '../readings/codec/block.ts';
import type { Rejection } from '../rejected-message/reject-message.ts';
import { accountOfTopic, type Envelope, parseTopic } from './envelope.ts';
import { readPayload } from './read-payload.ts';

export interface Message {
  /** The queue's id of this delivery. */
  readonly delivery: string;
  readonly envelope: Envelope;
}

export interface Lookups {
  readonly certificates: ReadonlyMap<string, CertificateRow>;
  readonly accounts: ReadonlyMap<string, { readonly status: 'active' | 'suspended'; readonly collectors: Collectors }>;
}

/** What is written together: the readings of one account and product. */
export interface Packet {
  readonly account: string;
  readonly product: string;
  readonly groups: Group[];
  /** Deliveries to be tried again when this can't be written. */
  readonly deliveries: Set<string>;
}

export interface Sorted {
  readonly packets: Packet[];
  readonly rejections: { readonly account: string; readonly delivery: string; readonly rejection: Rejection }[];
  readonly counts: { stored: number; uncollected: number; rejected: number };
}

/** Uncompressed bytes of payload in one packet: what compresses badly stays below an item's 400 KB, too. */
const PACKET_BYTES = 256 * 1024;

export function sortMessages(messages: readonly Message[], { certificates, accounts }: Lookups): Sorted {
  const sorted: Sorted = { packets: [], rejections: [], counts: { stored: 0, uncollected: 0, rejected: 0 } };
  const open = new Map<
    string,
    { packet: Packet; groups: Map<string, Group & { rows: Group['rows'][number][] }>; bytes: number }
  >();

  const reject = (
    account: string,
    { delivery, envelope }: Message,
    rejection: Pick<Rejection, 'reason' | 'detail' | 'device'>,
    size: number,
  ) => {
    const { messageId: source, receivedAt, topic } = envelope;
    sorted.counts.rejected += 1;
    sorted.rejections.push({ account, delivery, rejection: { source, receivedAt, topic, size, ...rejection } });
  };

  const packetFor = (account: string, product: string, bytes: number) => {
    const key = `${account} ${product}`;
    let entry = open.get(key);
    if (!entry || entry.bytes + bytes > PACKET_BYTES) {
      entry = { packet: { account, product, groups: [], deliveries: new Set() }, groups: new Map(), bytes: 0 };
      open.set(key, entry);
      sorted.packets.push(entry.packet);
    }
    entry.bytes += bytes;
    return entry;
  };

  for (const message of messages) {
    const { topic, payload, principal, receivedAt } = message.envelope;
    const bytes = Buffer.from(payload, 'base64');
    const address = parseTopic(topic);
    const owner = address?.account ?? accountOfTopic(topic);
    const account = owner === undefined ? undefined : accounts.get(owner);
    // Nobody's: the policy lets no device send it, so that there is no account to list it for.
    if (owner === undefined || !account) {
      sorted.counts.rejected += 1;
      continue;
    }
    if (!address) {
      reject(owner, message, { reason: 'bad-topic' }, bytes.length);
      continue;
    }
    const { product, device, stream } = address;
    const known = certificates.get(principal);
    if (known?.device !== device || known.product !== product || known.account !== owner) {
      reject(owner, message, { reason: 'unknown-device', device }, bytes.length);
      continue;
    }
    if (account.status !== 'active') {
      reject(owner, message, { reason: 'account-suspended', device }, bytes.length);
      continue;
    }
    const { readings, problem } = readPayload(bytes, receivedAt);
    if (problem) reject(owner, message, { ...problem, device }, bytes.length);
    if (readings.length === 0) continue;
    const buckets = account.collectors(address);
    if (buckets.length === 0) {
      sorted.counts.uncollected += readings.length;
      continue;
    }
    sorted.counts.stored += readings.length;
    const { packet, groups } = packetFor(owner, product, bytes.length);
    packet.deliveries.add(message.delivery);
    const key = `${device} ${stream}`;
    let group = groups.get(key);
    if (!group) {
      group = { device, stream, buckets, rows: [] };
      groups.set(key, group);
      packet.groups.push(group);
    }
    for (const { ts, value } of readings) group.rows.push({ ts, receivedAt, value });
  }
  return sorted;
}
