/** The AWS API `cognito-idp`: JSON 1.1, one operation per request, named by a header. */
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from '../../../contract.ts';
import type { Core } from '../core.ts';
import { clientOperations } from './client-operations.ts';
import type { ApiOperation } from './operation.ts';
import { poolOperations } from './pool-operations.ts';
import { userOperations } from './user-operations.ts';

const TARGET = 'AWSCognitoIdentityProviderService.';
const CONTENT_TYPE = { 'content-type': 'application/x-amz-json-1.1' };
const OPERATIONS: Readonly<Record<string, ApiOperation>> = {
  ...userOperations,
  ...clientOperations,
  ...poolOperations,
};

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON.');
  }
}

export function createService(core: Core, close: () => Promise<void>): AwsService {
  return {
    signingName: 'cognito-idp',
    operation(request: AwsRequest) {
      const target = request.headers['x-amz-target'] ?? '';
      const name = target.startsWith(TARGET) ? target.slice(TARGET.length) : '';
      const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
      if (!operation) throw new AwsError('UnknownOperationException', `The laptop does not serve ${name || target}.`);
      const { demands, run } = operation.prepare(core, name, parseBody(request.body));
      return {
        name,
        demands,
        run: async (): Promise<AwsResponse> => ({
          status: 200,
          headers: CONTENT_TYPE,
          body: JSON.stringify(await run()),
        }),
      };
    },
    errorResponse: (error): AwsResponse => ({
      status: error.status,
      headers: { ...CONTENT_TYPE, 'x-amzn-errortype': error.code },
      body: JSON.stringify({ __type: error.code, message: error.message, ...error.details }),
    }),
    close,
  };
}
