/**
 * What the ingest function is given: SQS events of a fleet in which each device sends a reading every 10 s (± 120 ms), at its own
 * phase. The model of Lambda's event source mapping: a batch opens with the first message that a poller finds and closes a window
 * later, or with 1,000 messages. Lambda begins with five pollers, which share the messages at random; a larger window or fewer
 * pollers make larger batches. Scaling beyond five, retries and duplicates are not in the model.
 */
import { createHash } from 'node:crypto';
import type { Fleet, Station } from './fleet.ts';
import { type Random, randomFrom, weatherStation } from './telemetry.ts';

const PACE_MS = 10_000;
const JITTER_MS = 120;
const MOST_MESSAGES = 1000;
const START = Date.UTC(2026, 9, 1);
const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:123456789012:Custodia-Ingest';

export interface BatchModel {
  readonly windowMs: number;
  readonly pollers: number;
}

export interface Batch {
  /** When the function is invoked, epoch ms. */
  readonly at: number;
  readonly readings: number;
  /** The SQS event, as JSON. */
  readonly event: string;
}

interface Sent {
  readonly at: number;
  readonly body: string;
}

export function batchesOf(fleet: Fleet, readings: number, { windowMs, pollers }: BatchModel): Batch[] {
  const random = randomFrom(fleet.stations.length * 7919 + 1);
  const waiting: Sent[][] = Array.from({ length: pollers }, () => []);
  for (const sent of messages(fleet, readings, random)) waiting[Math.floor(pollers * random())]?.push(sent);
  return waiting.flatMap((of) => gather(of, windowMs)).sort((a, b) => a.at - b.at);
}

/** In the order of their arrival. */
function messages({ account, product, stations }: Fleet, readings: number, random: Random): Sent[] {
  const each = Math.ceil(readings / stations.length);
  const sent = stations.flatMap((station) => {
    const sample = weatherStation(random, 1);
    const phase = Math.floor(PACE_MS * random());
    return Array.from({ length: each }, (_, i) => {
      const at = START + phase + i * PACE_MS + Math.round((random() * 2 - 1) * JITTER_MS);
      return { at, body: ruleMessage({ account, product, station, at, payload: JSON.stringify(sample()) }) };
    });
  });
  return sent.sort((a, b) => a.at - b.at).slice(0, readings);
}

/** As the topic rule writes it. */
function ruleMessage(of: { account: string; product: string; station: Station; at: number; payload: string }): string {
  const { account, product, station, at, payload } = of;
  return JSON.stringify({
    payload: Buffer.from(payload).toString('base64'),
    topic: `dt/${account}/${product}/${station.device}/telemetry`,
    receivedAt: at,
    messageId: uuid(`${station.device} ${at}`),
    principal: station.certificate,
  });
}

function gather(sent: readonly Sent[], windowMs: number): Batch[] {
  const batches: Batch[] = [];
  for (let first = 0; first < sent.length; ) {
    const closes = (sent[first] as Sent).at + windowMs;
    let end = first + 1;
    while (end < sent.length && end - first < MOST_MESSAGES && (sent[end] as Sent).at < closes) end++;
    const taken = sent.slice(first, end);
    const at = taken.length === MOST_MESSAGES ? (taken.at(-1) as Sent).at : closes;
    batches.push({ at, readings: taken.length, event: JSON.stringify({ Records: taken.map(sqsRecord) }) });
    first = end;
  }
  return batches;
}

/** As Lambda hands it over. */
function sqsRecord({ at, body }: Sent) {
  const messageId = uuid(body);
  return {
    messageId,
    receiptHandle: createHash('sha512').update(messageId).digest('base64').repeat(3),
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(at),
      SenderId: 'AIDAEXAMPLEEXAMPLEEXA',
      ApproximateFirstReceiveTimestamp: String(at + 2),
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: QUEUE_ARN,
    awsRegion: 'eu-central-1',
  };
}

function uuid(of: string): string {
  const hex = createHash('sha1').update(of).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
