/** Transactions against others that hold the same items: DynamoDB cancels them, and the SDK doesn't try again. */
import { setTimeout } from 'node:timers/promises';
import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

const TRIES = 5;
const PAUSE_MS = 20;

/** Other writes held the same items all the time: nothing was written, and the same may be tried later. */
export class Contention extends Error {
  constructor(cause: unknown) {
    super('Other writes held the same items.', { cause });
    this.name = 'Contention';
  }
}

/** Which of the items failed for this reason. */
export const canceledFor = (error: unknown, code: string): readonly number[] =>
  error instanceof TransactionCanceledException
    ? (error.CancellationReasons ?? []).flatMap(({ Code }, index) => (Code === code ? [index] : []))
    : [];

/** Writes all or nothing. An item that is not as expected makes it throw, at once, what DynamoDB says. */
export async function transact(db: DynamoDBClient, items: TransactWriteItem[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await db.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return;
    } catch (error) {
      const mayPass = canceledFor(error, 'TransactionConflict').length > 0;
      if (!mayPass || canceledFor(error, 'ConditionalCheckFailed').length > 0) throw error;
      if (tries === TRIES) throw new Contention(error);
      await setTimeout(PAUSE_MS * 2 ** tries * Math.random());
    }
  }
}
