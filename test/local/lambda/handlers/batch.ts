/** Consumers of a queue. The variable BATCHES names the file where they note what they got. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSEvent } from 'aws-lambda';

function note(event: SQSEvent): void {
  appendFileSync(process.env.BATCHES ?? '', `${JSON.stringify(event.Records)}\n`);
}

export const all = async (event: SQSEvent) => note(event);
export const failing = async (event: SQSEvent) => {
  note(event);
  throw new Error('the whole batch');
};
export const partial = async (event: SQSEvent) => {
  note(event);
  const poisoned = event.Records.filter(({ body }) => body.includes('poison'));
  return { batchItemFailures: poisoned.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
export const lying = async (event: SQSEvent) => {
  note(event);
  return { batchItemFailures: [{ itemIdentifier: 'nobody' }] };
};
export const malformed = async (event: SQSEvent) => {
  note(event);
  return { batchItemFailures: [{ itemIdentifier: '' }] };
};
/** Also notes when it begins and ends, beside the batches. */
export const slow = async (event: SQSEvent) => {
  const spans = `${process.env.BATCHES}.spans`;
  appendFileSync(spans, '+');
  note(event);
  await sleep(150);
  appendFileSync(spans, '-');
};
