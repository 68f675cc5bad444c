/**
 * What the ingest function is given: SQS events of fleets in which each device sends a reading every 10 s, or at another pace
 * (± 120 ms), at its own phase. The model of Lambda's event source mapping: a batch opens with the first message that a poller finds and closes a window
 * later, or with 1,000 messages. Lambda begins with five pollers, which share the messages at random; a larger window or fewer
 * pollers make larger batches. Scaling beyond five, retries and duplicates are not in the model.
 */
import { createHash } from 'node:crypto';
import type { Fleet, Station } from './fleet.ts';
import { type Random, randomFrom, weatherStation } from './telemetry.ts';

export const PACE_MS = 10_000;
export const JITTER_MS = 120;
const MOST_MESSAGES = 1000;
/** The first hour of a day of UTC. */
export const START = Date.UTC(2026, 9, 1);
const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:123456789012:Custodia-Ingest';

export interface BatchModel {
  readonly windowMs: number;
  readonly pollers: number;
}

export interface Batch {
  /** When the function is invoked, epoch ms. */
  readonly at: number;
  readonly readings: number;
  /** Which of the model's pollers has gathered it. */
  readonly poller: number;
  /** The SQS event, as JSON. */
  readonly event: string;
}

interface Sent {
  readonly at: number;
  readonly body: string;
}

export interface Load {
  /** Of one account each. */
  readonly fleets: readonly Fleet[];
  /** Of all together. */
  readonly readings: number;
  readonly model: BatchModel;
  readonly paceMs: number;
}

/** All at once, for benches that take time: the events are ready. */
export const batchesOf = (fleet: Fleet, readings: number, model: BatchModel): Batch[] => [
  ...eachBatch({ fleets: [fleet], readings, model, paceMs: PACE_MS }),
];

/** One after the other: a large load's events would not fit into memory. */
export function* eachBatch({ fleets, readings, model, paceMs }: Load): Generator<Batch> {
  const devices = fleets.reduce((sum, { stations }) => sum + stations.length, 0);
  const random = randomFrom(devices * 7919 + 1);
  const waiting: Sent[][] = Array.from({ length: model.pollers }, () => []);
  const each = Math.ceil(readings / devices);
  const sent = fleets.flatMap((fleet) => messages(fleet, { each, paceMs, random }));
  const inOrder = sent.sort((a, b) => a.at - b.at).slice(0, readings);
  for (const one of inOrder) waiting[Math.floor(model.pollers * random())]?.push(one);
  const gathered = waiting.flatMap((of, poller) => gather(of, model.windowMs).map((one) => ({ ...one, poller })));
  for (const { at, taken, poller } of gathered.sort((a, b) => a.at - b.at)) {
    yield { at, readings: taken.length, poller, event: JSON.stringify({ Records: taken.map(sqsRecord) }) };
  }
}

function messages(
  { account, product, stations }: Fleet,
  { each, paceMs, random }: { each: number; paceMs: number; random: Random },
): Sent[] {
  return stations.flatMap((station) => {
    const sample = weatherStation(random, 1);
    const phase = Math.floor(paceMs * random());
    return Array.from({ length: each }, (_, i) => {
      const at = START + phase + i * paceMs + Math.round((random() * 2 - 1) * JITTER_MS);
      return { at, body: ruleMessage({ account, product, station, at, payload: JSON.stringify(sample()) }) };
    });
  });
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

/** What each invocation takes, and when it begins. */
function gather(sent: readonly Sent[], windowMs: number): { at: number; taken: readonly Sent[] }[] {
  const batches: { at: number; taken: readonly Sent[] }[] = [];
  for (let first = 0; first < sent.length; ) {
    const closes = (sent[first] as Sent).at + windowMs;
    let end = first + 1;
    while (end < sent.length && end - first < MOST_MESSAGES && (sent[end] as Sent).at < closes) end++;
    const taken = sent.slice(first, end);
    const at = taken.length === MOST_MESSAGES ? (taken.at(-1) as Sent).at : closes;
    batches.push({ at, taken });
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
