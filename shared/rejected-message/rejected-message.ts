/** A rejected message: what came in and couldn't be stored, with its reason, without its payload; kept 7 days. */
import * as z from 'zod';
import { timeField } from '../api/fields.ts';
import { idSchema } from '../platform/ids.ts';

/** The closed list of reasons. */
export const REASONS = {
  'bad-topic': 'The topic is not dt/{account}/{product}/{device}/{stream}.',
  'unknown-device': 'The certificate is not one of this device, or it was revoked.',
  'account-suspended': 'The account is suspended.',
  'not-json': 'The payload is not one JSON value.',
  'too-deep': 'The payload is nested deeper than 64 levels.',
  'bad-timestamp':
    'A ts is not ISO 8601 with an offset or epoch milliseconds, lies before 1970, or more than 24 hours ahead.',
  'bad-senml': 'The payload looks like SenML (RFC 8428), and is not valid.',
  'bad-payload': 'The body is not what a connector of this kind takes.',
  'too-large': 'A reading is larger than a block can hold.',
  'not-stored': 'It could not be stored after several tries.',
} as const;
export type Reason = keyof typeof REASONS;

export const rejectedMessage = z
  .object({
    id: idSchema('rejectedMessage'),
    receivedAt: timeField,
    topic: z.string(),
    device: idSchema('device').optional(),
    reason: z.enum(Object.keys(REASONS) as [Reason, ...Reason[]]),
    detail: z.string().describe('The reason in words.'),
    size: z.int().describe('Bytes of the payload.'),
  })
  .meta({ id: 'RejectedMessage', description: 'What came in and could not be stored; without its payload.' });
export type RejectedMessage = z.output<typeof rejectedMessage>;
