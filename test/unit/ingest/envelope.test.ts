/** Whom a topic names. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountOfTopic, envelope, parseTopic } from '../../../shared/ingest/envelope.ts';
import { exampleId } from '../../../shared/platform/ids.ts';

const [account, product, device] = [exampleId('account'), exampleId('product'), exampleId('device')];

describe('a topic', () => {
  it('names account, product, device and stream', () => {
    const stream = 'a.b-c_d:1';
    expect(parseTopic(`dt/${account}/${product}/${device}/${stream}`)).toEqual({ account, product, device, stream });
    expect(parseTopic(`dt/${account}/${product}/${device}/${'s'.repeat(128)}`)?.stream).toHaveLength(128);
  });

  it.each([
    ['too short', `dt/${account}/${product}/${device}`],
    ['too long', `dt/${account}/${product}/${device}/a/b`],
    ['no stream', `dt/${account}/${product}/${device}/`],
    ['a stream with a space', `dt/${account}/${product}/${device}/a b`],
    ['a stream that begins with a dot', `dt/${account}/${product}/${device}/.a`],
    ['a stream with the store’s separator', `dt/${account}/${product}/${device}/a#b`],
    ['a stream of 129 characters', `dt/${account}/${product}/${device}/${'s'.repeat(129)}`],
    ['a line end after the stream', `dt/${account}/${product}/${device}/a\n`],
    ['another beginning', `cmd/${account}/${product}/${device}/a`],
    ['a leading slash', `/dt/${account}/${product}/${device}/a`],
    ['ids in the wrong order', `dt/${product}/${account}/${device}/a`],
    ['an id in upper case', `dt/${account.toUpperCase()}/${product}/${device}/a`],
    ['an id with a separator in it', `dt/${account.slice(0, -1)}#/${product}/${device}/a`],
  ])('is none with %s', (_, topic) => {
    expect(parseTopic(topic)).toBeUndefined();
  });

  it('that is wrong further on still names its account, for the list of rejected messages', () => {
    expect(accountOfTopic(`dt/${account}/what/ever`)).toBe(account);
    expect(accountOfTopic(`dt/${device}/${product}`)).toBeUndefined();
    expect(accountOfTopic('dt')).toBeUndefined();
  });

  it('of any text names somebody or nobody, and never throws', () => {
    const part = fc.oneof(fc.string(), fc.constantFrom('dt', account, product, device, 'telemetry'));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 7 }), (parts) => {
        const found = parseTopic(parts.join('/'));
        if (found) expect(`dt/${found.account}/${found.product}/${found.device}/${found.stream}`).toBe(parts.join('/'));
      }),
    );
  });
});

describe('an envelope', () => {
  const whole = { payload: '', topic: 't', receivedAt: 1, messageId: 'm', principal: 'p' };

  it('without a certificate names nobody’s; without anything else it is none', () => {
    const { principal: _, ...anonymous } = whole;
    expect(envelope.parse(anonymous).principal).toBe('');
    for (const name of ['payload', 'topic', 'receivedAt', 'messageId'] as const) {
      const { [name]: __, ...rest } = whole;
      expect(envelope.safeParse(rest).success, name).toBe(false);
    }
  });
});
