/** Calls another function and waits for its answer, parsed by a schema. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type * as z from 'zod';

/** A function failed or could not be called; its own error stays in its log. */
export class CallFailed extends Error {
  constructor(name: string, reason: string) {
    super(`${name}: ${reason}`);
    this.name = 'CallFailed';
  }
}

export const callFunction =
  <A extends z.ZodType>(lambda: LambdaClient, name: string, answer: A) =>
  async (request: unknown): Promise<z.output<A>> => {
    const result = await lambda.send(
      new InvokeCommand({ FunctionName: name, InvocationType: 'RequestResponse', Payload: JSON.stringify(request) }),
    );
    const text = Buffer.from(result.Payload ?? []).toString();
    if (result.FunctionError) throw new CallFailed(name, result.FunctionError);
    return answer.parse(JSON.parse(text));
  };
