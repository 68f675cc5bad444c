/**
 * The end of a replaced secret: a message that waits in a queue for as long as the old secret lives on, and what is done when it
 * comes. Fifteen minutes is the longest that SQS delays a message.
 */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { errorFields, log } from '../platform/log.ts';
import type { ClientSecrets } from './client-secrets.ts';

export const SECRET_OVERLAP_MS = 15 * 60_000;

const secretEnding = z.strictObject({ clientId: z.string(), secretId: z.string() });
type SecretEnding = z.output<typeof secretEnding>;

export type EndSecretLater = (ending: SecretEnding) => Promise<void>;

export const endSecretLater =
  (sqs: SQSClient, queueUrl: string): EndSecretLater =>
  async (ending) => {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(ending),
        DelaySeconds: SECRET_OVERLAP_MS / 1000,
      }),
    );
  };

/** The consumer. Harmless to repeat; a client's only secret is never ended. */
export const endSecrets =
  ({ secrets }: { secrets: Pick<ClientSecrets, 'list' | 'remove'> }) =>
  async (deliveries: readonly { messageId: string; body: string }[]): Promise<{ failed: string[] }> => {
    const failed: string[] = [];
    for (const { messageId, body } of deliveries) {
      try {
        const { clientId, secretId } = secretEnding.parse(JSON.parse(body));
        const held = await secrets.list(clientId);
        if (held.length > 1 && held.includes(secretId)) await secrets.remove(clientId, secretId);
      } catch (error) {
        log('error', 'A replaced secret could not be ended; it comes again.', errorFields(error));
        failed.push(messageId);
      }
    }
    return { failed };
  };
