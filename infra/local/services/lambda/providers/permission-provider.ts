/** `AWS::Lambda::Permission`: a statement of a function's resource policy. */
import * as z from 'zod';
import type { ResourceProvider } from '../../../contract.ts';
import { physicalName } from '../functions/function-definition.ts';
import type { FunctionPermissions } from '../functions/function-permissions.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';

const properties = z.object({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.coerce.string().optional(),
});

export function permissionProvider(registry: FunctionRegistry, permissions: FunctionPermissions): ResourceProvider {
  return {
    type: 'AWS::Lambda::Permission',
    honoured: {
      Action: 'what is allowed',
      FunctionName: 'the function, version or alias; a permission on one holds for that one alone',
      Principal: 'a service, an account or an ARN',
      SourceArn: 'a condition on aws:SourceArn',
      SourceAccount: 'a condition on aws:SourceAccount',
    },
    ignored: {},
    async create(resource) {
      const { Action, FunctionName, Principal, SourceArn, SourceAccount } = properties.parse(resource.properties);
      const id = physicalName(resource, 100);
      permissions.put({
        id,
        functionArn: registry.resolve(FunctionName).arn,
        action: Action,
        principal: Principal,
        sourceArn: SourceArn,
        sourceAccount: SourceAccount,
      });
      return { ref: id, attributes: { Id: id } };
    },
  };
}
