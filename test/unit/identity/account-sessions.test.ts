/** Sessions in a warm function: how long a token or an order is believed before the broker judges it again, and for whom. */
import type { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { accountSessions } from '../../../shared/identity/account-sessions.ts';
import { type SessionAnswer, type SessionRequest, sessionAnswer } from '../../../shared/identity/broker-protocol.ts';

const ACME = 'acc_00000000000000000000000001';
const GLOBEX = 'acc_00000000000000000000000002';
const BELIEVED_MS = 30_000;
const MINUTE_MS = 60_000;

/** A function that was just started; the broker refuses while `refusal` says why. */
function warmFunction() {
  const asked: SessionRequest[] = [];
  const at = { now: Date.UTC(2026, 0, 1), refusal: undefined as 'denied' | 'invalid-order' | undefined };
  const answerTo = ({ account }: SessionRequest): SessionAnswer =>
    at.refusal
      ? { granted: false, reason: at.refusal }
      : {
          granted: true,
          account,
          credentials: { accessKeyId: 'a', secretAccessKey: 's', sessionToken: 't' },
          expiresAt: at.now + 60 * MINUTE_MS,
        };
  const lambda = {
    send: async ({ input }: InvokeCommand) => {
      expect(input.FunctionName).toBe('broker');
      const request: SessionRequest = JSON.parse(String(input.Payload));
      asked.push(request);
      return { Payload: Buffer.from(JSON.stringify(sessionAnswer.parse(answerTo(request)))) };
    },
  } as unknown as LambdaClient;
  const open = accountSessions({
    lambda,
    brokerFunction: 'broker',
    stores: {
      tables: { entities: 'e', readings: 'r', keyring: 'k', audit: 'a' },
      masterKeyId: 'm',
      recoveryKeyId: 'r',
      keyringBucket: 'b',
      archiveBucket: '',
    },
    now: () => at.now,
  });
  return { at, asked, open };
}

const order = (sealed: string, account = ACME) => ({ kind: 'order', order: sealed, account }) as const;
const token = (text: string, account = ACME) => ({ kind: 'token', token: text, account }) as const;

describe('an order', () => {
  it('opens one session for 30 seconds, and is judged anew after that', async () => {
    const { at, asked, open } = warmFunction();
    const first = await open(order('one'));
    expect(first.account).toBe(ACME);
    at.now += BELIEVED_MS - 1;
    expect(await open(order('one'))).toBe(first);
    expect(asked).toEqual([order('one')]);
    at.now += 1;
    expect(await open(order('one'))).not.toBe(first);
    expect(asked).toEqual([order('one'), order('one')]);
  });

  it('of an account that was suspended opens nothing from then on, and something again once it is active', async () => {
    const { at, open } = warmFunction();
    await open(order('one'));
    at.refusal = 'denied';
    at.now += BELIEVED_MS;
    await expect(open(order('one'))).rejects.toMatchObject({ code: 'forbidden' });
    at.refusal = undefined;
    expect((await open(order('one'))).account).toBe(ACME);
  });

  it('is not believed for what another order, a token or another account has shown', async () => {
    const { at, asked, open } = warmFunction();
    await open(order('one'));
    await open(token('good'));
    at.refusal = 'invalid-order';
    for (const other of [order('two'), order('one', GLOBEX)]) {
      await expect(open(other)).rejects.toMatchObject({ code: 'forbidden' });
      expect(asked.at(-1)).toEqual(other);
    }
    await expect(open(token('good', GLOBEX))).rejects.toMatchObject({ code: 'forbidden' });
  });
});

it('a token, which the gateway has judged, gets the session of its account for fifty minutes', async () => {
  const { at, asked, open } = warmFunction();
  const first = await open(token('one'));
  at.now += 50 * MINUTE_MS - 1;
  expect(await open(token('two'))).toBe(first);
  at.now += 1;
  expect(await open(token('two'))).not.toBe(first);
  expect(asked).toEqual([token('one'), token('two')]);
});
