/**
 * Dead letters: what the queue or AWS IoT gave up on becomes a rejected message of its account at once, without its payload. Two
 * forms arrive: our rule's own message, after ingest failed at it several times, and AWS IoT's error document, when the rule
 * couldn't reach the queue.
 */
import * as z from 'zod';
import { type Directory, findAccount } from '../directory/directory.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { JsonError, type JsonValue, parseJson } from '../platform/json-value.ts';
import { count, errorFields, log } from '../platform/log.ts';
import { rejectMessage } from '../rejected-message/reject-message.ts';
import { accountOfTopic, envelope, parseTopic } from './envelope.ts';
import type { Delivery } from './ingest-batch.ts';

/** What an errorAction gets, as far as we read it. */
const errorDocument = z.object({
  topic: z.string(),
  cloudwatchTraceId: z.string(),
  base64OriginalPayload: z.string(),
});

interface DeadLetter {
  readonly topic: string;
  readonly source: string;
  readonly receivedAt: number;
  readonly size: number;
}

const bytesOf = (base64: string) => Buffer.from(base64, 'base64').length;

function readDeadLetter(body: string, now: number): DeadLetter | undefined {
  const parsed = parseOr(body);
  const ours = envelope.safeParse(parsed).data;
  if (ours) {
    const { topic, messageId: source, receivedAt, payload } = ours;
    return { topic, source, receivedAt, size: bytesOf(payload) };
  }
  const error = errorDocument.safeParse(parsed).data;
  if (!error) return undefined;
  const { topic, cloudwatchTraceId: source, base64OriginalPayload } = error;
  return { topic, source, receivedAt: now, size: bytesOf(base64OriginalPayload) };
}

function parseOr(body: string): JsonValue | undefined {
  try {
    return parseJson(body);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

export const sealDeadLetters =
  (deps: { directory: Directory; session: (account: string) => AccountSession; now: Now }) =>
  async (deliveries: readonly Delivery[]): Promise<{ failed: string[] }> => {
    const failed: string[] = [];
    let sealed = 0;
    for (const { messageId, body } of deliveries) {
      try {
        const letter = readDeadLetter(body, deps.now());
        const account = letter && accountOfTopic(letter.topic);
        // Nobody's: no account to list it for. It is counted and let go.
        if (letter && account && (await findAccount(deps.directory, account))) {
          const device = parseTopic(letter.topic)?.device;
          await rejectMessage(deps.session(account), { ...letter, device, reason: 'not-stored' });
        }
        sealed += 1;
      } catch (error) {
        log('error', 'A dead letter could not be sealed; it comes again.', errorFields(error));
        failed.push(messageId);
      }
    }
    count(deps.now(), { DeadLettersSealed: sealed });
    return { failed };
  };
