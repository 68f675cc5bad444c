/** The part of the Lambda API that is about durable executions: what the SDK calls inside a function, and what operators call. */
import * as z from 'zod';
import { AwsError, type AwsRequest, type AwsResponse, type Operation } from '../../../contract.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';
import { answerCallback, type CallbackNews, findCallback } from './callbacks.ts';
import { checkpoint } from './checkpoint.ts';
import { describeExecution, listExecutions } from './describe-execution.ts';
import type { ExecutionStore } from './execution-store.ts';
import type { Execution } from './executions.ts';
import { invalid } from './limits.ts';
import { errorObject, inResponse, onWire } from './operation.ts';
import type { Runner } from './runner.ts';

export const DURABLE_PATH = '/2025-12-01/';
const EXECUTION = /^\/2025-12-01\/durable-executions\/([^/]+)(?:\/(checkpoint|state|stop))?$/;
const CALLBACK = /^\/2025-12-01\/durable-execution-callbacks\/([^/]+)\/(succeed|fail|heartbeat)$/;
const LIST = /^\/2025-12-01\/functions\/([^/]+)\/durable-executions$/;

export interface DurableApiParts {
  readonly store: ExecutionStore;
  readonly runner: Runner;
  readonly registry: FunctionRegistry;
}

export function durableOperation(parts: DurableApiParts, request: AwsRequest): Operation {
  const { pathname } = request.url;
  const [, execution, action] = EXECUTION.exec(pathname) ?? [];
  if (execution) {
    const arn = decodeURIComponent(execution);
    const find = executionActions[`${request.method} ${action ?? ''}`];
    if (find) return permitted(find.name, arn, () => find.run(parts, existing(parts, arn), request));
  }
  const [, callback, outcome] = CALLBACK.exec(pathname) ?? [];
  if (callback && request.method === 'POST')
    return callbackOperation(parts, decodeURIComponent(callback), outcome, request);
  const [, name] = LIST.exec(pathname) ?? [];
  if (name && request.method === 'GET') {
    const { definition, arn } = parts.registry.resolve(
      decodeURIComponent(name),
      request.url.searchParams.get('Qualifier') ?? undefined,
    );
    return permitted('ListDurableExecutionsByFunction', arn, () =>
      listExecutions(parts.store, definition.arn, request.url.searchParams),
    );
  }
  throw new AwsError('UnknownOperationException', `${request.method} ${pathname} is not served`, 404);
}

interface ExecutionAction {
  readonly name: string;
  run(parts: DurableApiParts, execution: Execution, request: AwsRequest): unknown;
}

const executionActions: Readonly<Record<string, ExecutionAction>> = {
  'POST checkpoint': {
    name: 'CheckpointDurableExecution',
    run: ({ store, runner }, { arn }, { body }) => checkpoint(store, arn, json(body), runner.news(arn)),
  },
  'GET state': {
    name: 'GetDurableExecutionState',
    run({ store }, execution, { url }) {
      if (execution.token === null || execution.token !== url.searchParams.get('CheckpointToken')) {
        throw invalid('Invalid Checkpoint Token');
      }
      const items = Number(url.searchParams.get('MaxItems')) || 100;
      const page = store.operations.page(
        execution.arn,
        Number(url.searchParams.get('Marker') ?? 0),
        Math.min(items, 1000),
      );
      return {
        Operations: page.operations.map((operation) => onWire(operation, inResponse)),
        ...(page.nextMarker ? { NextMarker: page.nextMarker } : {}),
      };
    },
  },
  'GET ': {
    name: 'GetDurableExecution',
    run: (_, execution, { url }) => describeExecution(execution, url.searchParams),
  },
  'POST stop': {
    name: 'StopDurableExecution',
    run({ store }, execution, { body }) {
      const error = errorObject.parse(json(body) ?? {});
      const now = store.clock.now();
      store.executions.finish(execution.arn, { status: 'STOPPED', error }, now);
      return { StopTimestamp: inResponse(store.executions.find(execution.arn)?.ended_at ?? now) };
    },
  },
};

function callbackOperation(
  parts: DurableApiParts,
  id: string,
  outcome: string | undefined,
  { body }: AwsRequest,
): Operation {
  const { execution } = findCallback(parts.store, id);
  const [name, news] = callbackNews(outcome, body);
  return permitted(`SendDurableExecutionCallback${name}`, execution, () => {
    answerCallback(parts.store, parts.runner, id, news);
    return {};
  });
}

function callbackNews(outcome: string | undefined, body: Buffer): [string, CallbackNews] {
  if (outcome === 'succeed') return ['Success', { kind: 'succeed', result: body.toString() }];
  if (outcome === 'heartbeat') return ['Heartbeat', { kind: 'heartbeat' }];
  const parsed = errorObject.safeParse(json(body) ?? {});
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  return ['Failure', { kind: 'fail', error: parsed.data }];
}

/** Permission is asked for before anybody learns whether it exists. */
function existing({ store }: DurableApiParts, arn: string): Execution {
  const execution = store.executions.find(arn);
  if (execution) return execution;
  throw new AwsError('ResourceNotFoundException', `Durable execution not found: ${arn}`, 404, { Type: 'User' });
}

const permitted = (name: string, resource: string, run: () => unknown): Operation => ({
  name,
  demands: [{ action: `lambda:${name}`, resource }],
  run: async () => respond(run()),
});

function respond(answer: unknown): AwsResponse {
  const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

function json(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json', 400, {
      Type: 'User',
    });
  }
}
