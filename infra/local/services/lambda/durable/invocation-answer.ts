/** What an invocation of a durable function means for its execution. */
import * as z from 'zod';
import { AwsError } from '../../../contract.ts';
import type { Outcome as InvocationOutcome } from '../sandbox/sandbox.ts';
import type { Outcome } from './executions.ts';
import { errorObject } from './operation.ts';

export type InvocationAnswer =
  | { readonly kind: 'end'; readonly outcome: Outcome }
  | { readonly kind: 'suspended' }
  /** It gave no answer: it will be invoked again. */
  | { readonly kind: 'crash'; readonly why: string };

const output = z.discriminatedUnion('Status', [
  z.object({ Status: z.literal('SUCCEEDED'), Result: z.string().nullish() }),
  z.object({ Status: z.literal('FAILED'), Error: errorObject.nullish() }),
  z.object({ Status: z.literal('PENDING') }),
]);

/** @param refused what the invoker threw instead of an outcome */
export function readAnswer(outcome: InvocationOutcome | { readonly refused: unknown }): InvocationAnswer {
  if ('refused' in outcome) return refusal(outcome.refused);
  if ('error' in outcome) return { kind: 'crash', why: outcome.error.errorType };
  const parsed = output.safeParse(JSON.parse(outcome.payload));
  if (!parsed.success) {
    return failed('InvalidInvocationOutput', 'Invalid Status in invocation output.');
  }
  const answer = parsed.data;
  switch (answer.Status) {
    case 'PENDING':
      return { kind: 'suspended' };
    case 'SUCCEEDED':
      return { kind: 'end', outcome: { status: 'SUCCEEDED', ...(answer.Result ? { result: answer.Result } : {}) } };
    case 'FAILED':
      return { kind: 'end', outcome: { status: 'FAILED', error: answer.Error ?? {} } };
  }
}

/** A function that the template no longer has, or a state too large to hand over, won't come right by waiting. */
function refusal(error: unknown): InvocationAnswer {
  if (error instanceof AwsError && error.status < 500) return failed(error.code, error.message);
  return { kind: 'crash', why: error instanceof Error ? error.message : String(error) };
}

const failed = (ErrorType: string, ErrorMessage: string): InvocationAnswer => ({
  kind: 'end',
  outcome: { status: 'FAILED', error: { ErrorType, ErrorMessage } },
});
