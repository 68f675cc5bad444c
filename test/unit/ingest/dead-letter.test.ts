/** The two forms of dead letters. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readDeadLetter } from '../../../shared/ingest/dead-letter.ts';

const sentAt = 1772359200000;
const read = (document: unknown) => readDeadLetter({ body: JSON.stringify(document), sentAt });
const payload = Buffer.from('12345').toString('base64');

it('our rule’s own message has its time of arrival', () => {
  const letter = { payload, topic: 'dt/a/b/c/d', receivedAt: 7, messageId: 'm', principal: 'p' };
  expect(read(letter)).toEqual({ topic: 'dt/a/b/c/d', source: 'm', receivedAt: 7, size: 5 });
});

it('AWS IoT’s error document has that of the queue, so that it is the same at each delivery', () => {
  const letter = {
    ruleName: 'custodia_ingest',
    topic: 'dt/a/b/c/d',
    cloudwatchTraceId: 'trace',
    clientId: 'c',
    base64OriginalPayload: payload,
    failures: [{ failedAction: 'SqsAction', failedResource: 'queue', errorMessage: 'no' }],
  };
  const expected = { topic: 'dt/a/b/c/d', source: 'trace', receivedAt: sentAt, size: 5 };
  expect(read(letter)).toEqual(expected);
  expect(read({ ...letter, topic: '$aws/rules/custodia_ingest/dt/a/b/c/d' })).toEqual(expected);
});

it('anything else is none, and nothing throws', () => {
  const none = (body: string) => {
    expect(readDeadLetter({ body, sentAt })).toBeUndefined();
  };
  fc.assert(fc.property(fc.string(), none));
  fc.assert(fc.property(fc.json(), none));
});
