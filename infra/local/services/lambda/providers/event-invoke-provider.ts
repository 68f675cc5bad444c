/** `AWS::Lambda::EventInvokeConfig`: how often and how long an asynchronous event is tried. */
import * as z from 'zod';
import type { ResourceProvider } from '../../../contract.ts';
import { physicalName } from '../functions/function-definition.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';
import type { AsyncSettings } from '../invoke/async-queue.ts';

const properties = z.object({
  FunctionName: z.string(),
  Qualifier: z.string(),
  MaximumRetryAttempts: z.coerce.number().int().min(0).max(2).default(2),
  MaximumEventAgeInSeconds: z.coerce.number().int().min(60).max(21_600).default(21_600),
});

/** @param settings by function ARN, with its qualifier unless that is $LATEST */
export function eventInvokeProvider(
  registry: FunctionRegistry,
  settings: Map<string, AsyncSettings>,
): ResourceProvider {
  return {
    type: 'AWS::Lambda::EventInvokeConfig',
    honoured: {
      FunctionName: 'the function',
      Qualifier: 'the version or alias',
      MaximumRetryAttempts: 'attempts after the first',
      MaximumEventAgeInSeconds: 'an older event is given up',
    },
    ignored: {},
    async create(resource) {
      const given = properties.parse(resource.properties);
      const qualifier = given.Qualifier === '$LATEST' ? undefined : given.Qualifier;
      settings.set(registry.resolve(given.FunctionName, qualifier).arn, {
        maximumRetryAttempts: given.MaximumRetryAttempts,
        maximumEventAgeMs: given.MaximumEventAgeInSeconds * 1000,
      });
      return { ref: physicalName(resource, 100), attributes: {} };
    },
  };
}
