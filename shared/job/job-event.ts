/** What the jobs function is started with, and how: ids, and the order that opens the account's session. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { sealedOrderField } from '../identity/work-order.ts';
import { idSchema } from '../platform/ids.ts';
import { JOB_KINDS } from './job.ts';

/** The id of a job of whatever kind. */
const jobIdField = z.string().regex(/^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/);

export const jobEvent = z.strictObject({
  account: idSchema('account'),
  kind: z.enum(JOB_KINDS),
  job: jobIdField,
  attempt: z.int().min(1),
  /** One execution takes so many operations; the next part goes on at `place`. */
  part: z.int().min(1),
  order: sealedOrderField,
  /** Where this part begins, as the job's kind says it; ids and counts alone. */
  place: z.unknown().optional(),
});
export type JobEvent = z.output<typeof jobEvent>;

export type StartExecution = (event: JobEvent, version: string) => Promise<void>;

/** Starts an execution, once: a second start of the same part, with the same order and place, changes nothing. */
export const startExecution =
  (lambda: LambdaClient): StartExecution =>
  async (event, version) => {
    await lambda.send(
      new InvokeCommand({
        FunctionName: version,
        InvocationType: 'Event',
        DurableExecutionName: `${event.job}-${event.attempt}-${event.part}`,
        Payload: JSON.stringify(event),
      }),
    );
  };
