import { type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { ConditionFailed, writeTogether } from '../../../shared/platform/entity.ts';
import { Contention } from '../../../shared/platform/transact.ts';
import { sessionWith } from '../../support/session.ts';

/** A table that cancels transactions for these reasons, one after the other, and then writes. The laptop's has no conflicts. */
function canceling(...codes: string[]) {
  const asked = { times: 0 };
  const send = async () => {
    asked.times += 1;
    const code = codes.shift();
    if (code === undefined) return {};
    const CancellationReasons = [{ Code: 'None' }, { Code: code }];
    throw new TransactionCanceledException({ message: 'canceled', $metadata: {}, CancellationReasons });
  };
  const session = sessionWith({
    account: 'acc_a',
    db: { send } as unknown as DynamoDBClient,
    key: async () => new Uint8Array(32),
  });
  return { asked, session };
}

describe('a transaction', () => {
  it('that meets another one is tried again', async () => {
    const { asked, session } = canceling('TransactionConflict', 'TransactionConflict');
    await writeTogether(session, []);
    expect(asked.times).toBe(3);
  });

  it('that meets others all the time gives up', async () => {
    const { asked, session } = canceling(...Array.from({ length: 50 }, () => 'TransactionConflict'));
    await expect(writeTogether(session, [])).rejects.toThrow(Contention);
    expect(asked.times).toBe(5);
  });

  it('whose condition fails is not tried again, not even after a conflict', async () => {
    const { asked, session } = canceling('TransactionConflict', 'ConditionalCheckFailed');
    await expect(writeTogether(session, [])).rejects.toThrow(ConditionFailed);
    expect(asked.times).toBe(2);
  });

  it('that fails for another reason fails with it', async () => {
    const { asked, session } = canceling('ItemCollectionSizeLimitExceeded');
    await expect(writeTogether(session, [])).rejects.toThrow(TransactionCanceledException);
    expect(asked.times).toBe(1);
  });
});
