/**
 * Decides, without acting, what becomes of each message of a batch: which readings are kept in which block, what is rejected, what
 * no bucket collects. Pure but for the lookups, which are given.
 */
import type { Collectors } from '../bucket/instructions.ts';
import type { CertificateRow } from '../directory/directory.ts';
import type { Group, Row } from '../readings/codec/block.ts';
import type { Rejection } from '../rejected-message/reject-message.ts';
import { type Address, accountOfTopic, type Envelope, parseTopic } from './envelope.ts';
import { readPayload } from './read-payload.ts';

export interface Message {
  /** The queue's id of this delivery. */
  readonly delivery: string;
  readonly envelope: Envelope;
}

/** An account, as far as its messages are concerned. */
export interface AccountView {
  readonly status: 'active' | 'suspended';
  readonly collectors: Collectors;
}

export interface Lookups {
  readonly certificates: ReadonlyMap<string, CertificateRow>;
  readonly accounts: ReadonlyMap<string, AccountView>;
}

/** What became of a message: its readings by their fate, and whether it is listed as rejected. */
export interface Outcome {
  readonly delivery: string;
  stored: number;
  uncollected: number;
  rejected: 0 | 1;
}

/** What is written together: readings of one account and product. */
export interface Packet {
  readonly account: string;
  readonly product: string;
  readonly groups: Group[];
  /** Numbers of the groups' devices. */
  readonly numbers: Map<string, number>;
  /** Where the readings come from. */
  readonly parts: { readonly message: Message; readonly rows: readonly Row[]; readonly outcome: Outcome }[];
}

export interface Sorted {
  readonly packets: Packet[];
  readonly rejections: { readonly account: string; readonly delivery: string; readonly rejection: Rejection }[];
  readonly outcomes: Outcome[];
}

/** Bytes of payload in one packet, so that nearly every packet makes a block below an item's 400 KB. */
const PACKET_BYTES = 256 * 1024;

const bytesOf = ({ envelope }: Message) => Buffer.from(envelope.payload, 'base64');

/** The entry in the list of rejected messages. */
export function rejectionOf(message: Message, why: Pick<Rejection, 'reason' | 'detail' | 'device'>): Rejection {
  const { messageId: source, receivedAt, topic } = message.envelope;
  return { source, receivedAt, topic, size: bytesOf(message).length, ...why };
}

export function sortMessages(messages: readonly Message[], lookups: Lookups): Sorted {
  const sorted: Sorted = { packets: [], rejections: [], outcomes: [] };
  const pack = packer(sorted.packets);
  for (const message of messages) {
    const outcome: Outcome = { delivery: message.delivery, stored: 0, uncollected: 0, rejected: 0 };
    sorted.outcomes.push(outcome);
    const reject = (account: string, why: Pick<Rejection, 'reason' | 'detail' | 'device'>) => {
      outcome.rejected = 1;
      sorted.rejections.push({ account, delivery: message.delivery, rejection: rejectionOf(message, why) });
    };
    const { topic, principal, receivedAt } = message.envelope;
    const address = parseTopic(topic);
    const owner = address?.account ?? accountOfTopic(topic);
    const account = owner === undefined ? undefined : lookups.accounts.get(owner);
    // Nobody's: the policy lets no device send it, so that there is no account to list it for.
    if (owner === undefined || !account) {
      outcome.rejected = 1;
      continue;
    }
    if (!address) {
      reject(owner, { reason: 'bad-topic' });
      continue;
    }
    const { product, device } = address;
    const known = lookups.certificates.get(principal);
    if (known?.device !== device || known.product !== product || known.account !== owner) {
      reject(owner, { reason: 'unknown-device', device });
      continue;
    }
    if (account.status !== 'active') {
      reject(owner, { reason: 'account-suspended', device });
      continue;
    }
    const bytes = bytesOf(message);
    const { readings, problem } = readPayload(bytes, receivedAt);
    if (problem) reject(owner, { ...problem, device });
    if (readings.length === 0) continue;
    const buckets = account.collectors(address);
    if (buckets.length === 0) {
      outcome.uncollected = readings.length;
      continue;
    }
    outcome.stored = readings.length;
    const rows = readings.map(({ ts, value }) => ({ ts, receivedAt, value }));
    pack({ address, number: known.number, buckets, bytes: bytes.length }, { message, rows, outcome });
  }
  return sorted;
}

interface Target {
  readonly address: Address;
  readonly number: number;
  readonly buckets: readonly string[];
  readonly bytes: number;
}

/** Puts readings into the open packet of their account and product, or into a new one when that is full. */
function packer(packets: Packet[]) {
  const open = new Map<string, { packet: Packet; rowsOf: Map<string, Row[]>; bytes: number }>();
  return ({ address, number, buckets, bytes }: Target, part: Packet['parts'][number]) => {
    const { account, product, device, stream } = address;
    const key = `${account} ${product}`;
    let entry = open.get(key);
    if (!entry || entry.bytes + bytes > PACKET_BYTES) {
      entry = { packet: { account, product, groups: [], numbers: new Map(), parts: [] }, rowsOf: new Map(), bytes: 0 };
      open.set(key, entry);
      packets.push(entry.packet);
    }
    entry.bytes += bytes;
    entry.packet.parts.push(part);
    const { topic } = part.message.envelope;
    let rows = entry.rowsOf.get(topic);
    if (!rows) {
      rows = [];
      entry.rowsOf.set(topic, rows);
      entry.packet.groups.push({ device, stream, buckets, rows });
      entry.packet.numbers.set(device, number);
    }
    for (const row of part.rows) rows.push(row);
  };
}
