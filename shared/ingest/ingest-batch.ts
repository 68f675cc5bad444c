/**
 * Ingest: one batch of messages to one block per account and product, or one a shard where that would be large. What can't be
 * written is tried again by the queue, message by message; what can't be kept is listed for its account. A message delivered twice
 * makes two equal readings, which read as one.
 */
import type { Directory } from '../directory/directory.ts';
import { type SystemClients, systemSessions } from '../keyring/system-sessions.ts';
import { count, errorFields, log } from '../platform/log.ts';
import type { Delivery } from '../platform/sqs-batch.ts';
import { keepReadings } from '../readings/keep-readings.ts';
import { rejectMessage } from '../rejected-message/reject-message.ts';
import type { Announce } from '../work/due.ts';
import { accountOfTopic, envelope, parseTopic } from './envelope.ts';
import { lookUp } from './look-up.ts';
import { type Message, type Packet, rejectionOf, sortMessages } from './sort-messages.ts';

export interface IngestDeps extends SystemClients {
  readonly directory: Directory;
  /** Says that a product has blocks to be merged, before they are written. */
  readonly announce: Announce<undefined>;
  /** A ULID of that time; blocks are in its order. */
  readonly newBlockId: (at: number) => string;
}

export function ingestBatch(deps: IngestDeps) {
  const session = systemSessions(deps);
  const find = lookUp({ ...deps, session });

  /** Keeps what a block can hold, and lists the rest. */
  async function write({ account, product, groups, numbers, parts }: Packet): Promise<void> {
    const at = deps.now();
    await deps.announce({ account, product }, at, undefined);
    const kept = keepReadings(session(account), { product, groups, numbers }, () => deps.newBlockId(at));
    const refused = new Set(await kept);
    if (refused.size === 0) return;
    for (const { message, rows, outcome } of parts) {
      const tooLarge = rows.filter((row) => refused.has(row)).length;
      if (tooLarge === 0) continue;
      const device = parseTopic(message.envelope.topic)?.device;
      await rejectMessage(session(account), rejectionOf(message, { reason: 'too-large', device }));
      outcome.stored -= tooLarge;
      outcome.rejected = 1;
    }
  }

  /** Answers the deliveries that must come again. */
  return async (deliveries: readonly Delivery[]): Promise<{ failed: string[] }> => {
    const failed = new Set<string>();
    const act = async (delivered: readonly string[], work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        log('error', 'A write of ingest failed; its messages come again.', errorFields(error));
        for (const delivery of delivered) failed.add(delivery);
      }
    };

    const messages = deliveries.flatMap(({ messageId: delivery, body }): Message[] => {
      const parsed = readEnvelope(body);
      // Not from our rule. What the queue gives up on, the dead letters' function judges.
      if (!parsed) failed.add(delivery);
      return parsed ? [{ delivery, envelope: parsed }] : [];
    });
    const { unreadable, ...lookups } = await find(messages);
    const ready = messages.filter(({ delivery, envelope: { topic } }) => {
      const isReady = !unreadable.has(accountOfTopic(topic) ?? '');
      if (!isReady) failed.add(delivery);
      return isReady;
    });
    const { packets, rejections, outcomes } = sortMessages(ready, lookups);
    await Promise.all([
      ...packets.map((packet) =>
        act(
          packet.parts.map(({ message }) => message.delivery),
          () => write(packet),
        ),
      ),
      ...rejections.map(({ account, delivery, rejection }) =>
        act([delivery], () => rejectMessage(session(account), rejection)),
      ),
    ]);

    // A message counts once, when it is done with.
    const done = outcomes.filter(({ delivery }) => !failed.has(delivery));
    const sum = (of: 'stored' | 'uncollected' | 'rejected') => done.reduce((total, outcome) => total + outcome[of], 0);
    count(deps.now(), {
      ReadingsStored: sum('stored'),
      ReadingsUncollected: sum('uncollected'),
      MessagesRejected: sum('rejected'),
    });
    return { failed: [...failed] };
  };
}

/** By Node's own parser: an envelope holds no number that it would round, and what devices send is still base64 in it. */
function readEnvelope(body: string) {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  return envelope.safeParse(parsed).data;
}
