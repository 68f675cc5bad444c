/**
 * A dead letter of ingest. Two forms arrive: our rule's own message, after ingest failed at it several times, and AWS IoT's error
 * document, when the rule couldn't reach the queue. Pure.
 */
import * as z from 'zod';
import { JsonError, type JsonValue, parseJson } from '../platform/json-value.ts';
import type { Delivery } from '../platform/sqs-batch.ts';
import { envelope } from './envelope.ts';

/** What an errorAction gets, as far as we read it. */
const errorDocument = z.object({
  topic: z.string(),
  cloudwatchTraceId: z.string(),
  base64OriginalPayload: z.string(),
});

export interface DeadLetter {
  readonly topic: string;
  readonly source: string;
  readonly receivedAt: number;
  readonly size: number;
}

const bytesOf = (base64: string) => Buffer.from(base64, 'base64').length;

/** `undefined` for what neither our rule nor AWS IoT wrote. */
export function readDeadLetter({ body, sentAt }: Pick<Delivery, 'body' | 'sentAt'>): DeadLetter | undefined {
  const parsed = parseOr(body);
  const ours = envelope.safeParse(parsed).data;
  if (ours) {
    const { topic, messageId: source, receivedAt, payload } = ours;
    return { topic, source, receivedAt, size: bytesOf(payload) };
  }
  const error = errorDocument.safeParse(parsed).data;
  if (!error) return undefined;
  const { topic, cloudwatchTraceId: source, base64OriginalPayload } = error;
  // It has no time of arrival; the error action ran at once.
  return { topic: withoutRule(topic), source, receivedAt: sentAt, size: bytesOf(base64OriginalPayload) };
}

/** By Basic Ingest the topic may still lead to the rule. */
const withoutRule = (topic: string) => topic.replace(/^\$aws\/rules\/[^/]+\//, '');

function parseOr(body: string): JsonValue | undefined {
  try {
    return parseJson(body);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}
