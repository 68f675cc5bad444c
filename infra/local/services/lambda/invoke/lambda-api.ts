/** The Lambda API, as far as functions and scripts call it: Invoke in its three types, GetFunction and GetFunctionConfiguration. */
import { randomUUID } from 'node:crypto';
import { AwsError, type AwsRequest, type AwsResponse, type Operation } from '../../../contract.ts';
import { DURABLE_PATH } from '../durable/durable-api.ts';
import type { FunctionDefinition } from '../functions/function-definition.ts';
import type { FunctionRegistry, Resolved } from '../functions/function-registry.ts';
import { type Acceptors, acceptEvent, isDurable } from './accept-event.ts';
import type { Invoker } from './invoker.ts';

const PATH = /^\/2015-03-31\/functions\/([^/]+)(\/invocations|\/configuration)?$/;

export interface LambdaApiParts extends Acceptors {
  readonly registry: FunctionRegistry;
  readonly invoker: Invoker;
}

export function lambdaOperation(parts: LambdaApiParts, request: AwsRequest): Operation {
  if (request.url.pathname.startsWith(DURABLE_PATH)) return parts.durable.operation(request);
  const [, encoded, suffix] = PATH.exec(request.url.pathname) ?? [];
  const name = encoded && decodeURIComponent(encoded);
  const qualifier = request.url.searchParams.get('Qualifier') ?? undefined;
  if (name && suffix === '/invocations' && request.method === 'POST') {
    const target = parts.registry.resolve(name, qualifier);
    return {
      name: 'Invoke',
      demands: [{ action: 'lambda:InvokeFunction', resource: target.arn }],
      run: () => invoke(parts, target, request),
    };
  }
  if (name && suffix !== '/invocations' && request.method === 'GET') {
    const { definition, arn } = parts.registry.resolve(name, qualifier);
    const operation = suffix ? 'GetFunctionConfiguration' : 'GetFunction';
    const configuration = describe(definition, arn);
    return {
      name: operation,
      demands: [{ action: `lambda:${operation}`, resource: arn }],
      run: async () => json(suffix ? configuration : { Configuration: configuration, Tags: {} }),
    };
  }
  throw new AwsError('UnknownOperationException', `${request.method} ${request.url.pathname} is not served`, 404);
}

async function invoke(parts: LambdaApiParts, target: Resolved, request: AwsRequest): Promise<AwsResponse> {
  const event = eventOf(request.body);
  const clientContext = clientContextOf(request.headers['x-amz-client-context']);
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const executionName = request.headers['x-amz-durable-execution-name'];
  if (type === 'DryRun') return { status: 204 };
  if (type === 'Event') {
    const { requestId, executionArn } = acceptEvent(parts, target, { event, clientContext, executionName });
    return { status: 202, headers: { 'x-amzn-requestid': requestId, ...executionHeader(executionArn) } };
  }
  if (type !== 'RequestResponse') {
    throw new AwsError('InvalidParameterValueException', `Unknown invocation type ${type}`, 400, { Type: 'User' });
  }
  const requestId = randomUUID();
  const { outcome, executionArn } = isDurable(target, executionName)
    ? await parts.durable.run(target, event, executionName)
    : {
        outcome: await parts.invoker.run(target.arn, { event, requestId, ...(clientContext ? { clientContext } : {}) }),
      };
  const headers = {
    'content-type': 'application/json',
    'x-amzn-requestid': requestId,
    'x-amz-executed-version': target.version,
    ...executionHeader(executionArn),
  };
  if (!('error' in outcome)) return { status: 200, headers, body: outcome.payload };
  return {
    status: 200,
    headers: { ...headers, 'x-amz-function-error': 'Unhandled' },
    body: JSON.stringify(outcome.error),
  };
}

const executionHeader = (arn: string | undefined): Record<string, string> =>
  arn === undefined ? {} : { 'x-amz-durable-execution-arn': arn };

function eventOf(body: Buffer): string {
  const text = body.toString();
  if (text === '') return '{}';
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json', 400, {
      Type: 'User',
    });
  }
}

function clientContextOf(header: string | undefined): string | undefined {
  if (!header) return undefined;
  const text = Buffer.from(header, 'base64').toString();
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new AwsError(
      'InvalidRequestContentException',
      'Client context must be a valid Base64-encoded JSON object.',
      400,
    );
  }
}

const describe = (definition: FunctionDefinition, arn: string) => ({
  FunctionName: definition.name,
  FunctionArn: arn,
  Runtime: 'nodejs24.x',
  Role: definition.roleArn,
  Handler: `index.${definition.exportName}`,
  Timeout: definition.timeoutMs / 1000,
  MemorySize: definition.memoryMb,
  Version: '$LATEST',
  State: 'Active',
  LastUpdateStatus: 'Successful',
  PackageType: 'Zip',
  Environment: { Variables: definition.environment },
  LoggingConfig: { LogGroup: definition.logGroup, LogFormat: definition.jsonLog ? 'JSON' : 'Text' },
  ...(definition.durable && {
    DurableConfig: {
      ExecutionTimeout: definition.durable.timeoutMs / 1000,
      RetentionPeriodInDays: definition.durable.retentionMs / 86_400_000,
    },
  }),
});

const json = (body: unknown): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** Errors as Lambda's REST-JSON protocol carries them. */
export function lambdaErrorResponse(error: AwsError): AwsResponse {
  return {
    status: error.code === 'AccessDeniedException' ? 403 : error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
    body: JSON.stringify({ Message: error.message, ...error.details }),
  };
}
