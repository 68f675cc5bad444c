/** Dead letters: what the queue or AWS IoT gave up on becomes a rejected message of its account at once, without its payload. */
import { type Directory, findAccount } from '../directory/directory.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { count, errorFields, log } from '../platform/log.ts';
import type { Delivery } from '../platform/sqs-batch.ts';
import { rejectMessage } from '../rejected-message/reject-message.ts';
import { readDeadLetter } from './dead-letter.ts';
import { accountOfTopic, parseTopic } from './envelope.ts';

export const sealDeadLetters =
  (deps: { directory: Directory; session: (account: string) => AccountSession; now: Now }) =>
  async (deliveries: readonly Delivery[]): Promise<{ failed: string[] }> => {
    const failed: string[] = [];
    let sealed = 0;
    for (const delivery of deliveries) {
      try {
        const letter = readDeadLetter(delivery);
        const account = letter && accountOfTopic(letter.topic);
        if (letter && account && (await findAccount(deps.directory, account))) {
          const device = parseTopic(letter.topic)?.device;
          await rejectMessage(deps.session(account), { ...letter, device, reason: 'not-stored' });
          sealed += 1;
        } else {
          log('warn', 'A dead letter belongs to no account; it was let go.', { delivery: delivery.messageId });
        }
      } catch (error) {
        log('error', 'A dead letter could not be sealed; it comes again.', errorFields(error));
        failed.push(delivery.messageId);
      }
    }
    count(deps.now(), { DeadLettersSealed: sealed });
    return { failed };
  };
