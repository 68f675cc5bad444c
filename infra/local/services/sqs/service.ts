/**
 * SQS on the laptop: standard queues in one SQLite file, spoken to in SQS's JSON protocol, with redrive to dead-letter
 * queues, visibility, delay and retention by the host's clock.
 *
 * It owns its folder and nothing else. It decides nothing about permissions: it says what a request needs, and hands out
 * queue policies. Written here since what is on npm keeps its own clock, account and listener (fauxqs), so that neither the
 * front door's permissions nor a moved clock would reach it. No FIFO queues, no KMS keys of one's own: a template that asks
 * for them doesn't boot.
 */
import * as z from 'zod';
import {
  AwsError,
  type AwsRequest,
  type AwsService,
  type Operation,
  type QueueSender,
  type ResourceProvider,
  type ServiceContext,
} from '../../contract.ts';
import { jsonResponse } from '../json-response.ts';
import { createArrivals } from './arrivals.ts';
import { createConsumer, createSender, type QueueConsumer } from './consumer.ts';
import { errorResponse } from './errors.ts';
import { messageOperations } from './message-operations.ts';
import { createMessages } from './messages.ts';
import type { Plan, Sqs } from './plan.ts';
import { queueNameOfArn } from './queue-names.ts';
import { queueOperations } from './queue-operations.ts';
import { queuePolicyProvider, queueProvider } from './queue-provider.ts';
import { openStore } from './store.ts';

const TARGET = 'AmazonSQS.';

const operations = new Map<string, Plan>(Object.entries({ ...messageOperations, ...queueOperations }));

const bodySchema = z.record(z.string(), z.unknown());

export interface SqsService {
  readonly service: AwsService & { close(): Promise<void> };
  readonly providers: readonly ResourceProvider[];
  readonly sender: QueueSender;
  readonly consumer: QueueConsumer;
}

/**
 * Opens the folder `context.dir`. Throws an error that names the folder if it can't be read.
 * @param options.endpoint the front door's origin, `http://127.0.0.1:…`; asked for only once queues are made.
 */
export function openSqs(context: ServiceContext, { endpoint }: { endpoint: () => string }): SqsService {
  const { clock, log } = context;
  const store = openStore(context);
  const arrivals = createArrivals(store, clock);
  const messages = createMessages(store, clock, arrivals);
  const sqs: Sqs = { store, messages, arrivals, clock, place: context, endpoint };

  const operation = ({ headers, body }: AwsRequest): Operation => {
    const target = headers['x-amz-target'] ?? '';
    const name = target.startsWith(TARGET) ? target.slice(TARGET.length) : '';
    const plan = operations.get(name);
    if (!plan)
      throw new AwsError('UnknownOperationException', `The laptop's SQS doesn't serve ${name || 'this request'}`);
    const { demands, run } = plan(sqs, parseBody(body));
    return {
      name,
      demands,
      async run(principal) {
        try {
          return jsonResponse(await run(principal));
        } catch (error) {
          if (error instanceof AwsError) throw error;
          log(`sqs: unexpected ${error instanceof Error ? error.name : typeof error} in ${name}`);
          throw new AwsError('InternalFailure', 'The request processing has failed because of an unknown error.', 500);
        }
      },
    };
  };

  return {
    providers: [queueProvider(sqs), queuePolicyProvider(sqs)],
    sender: createSender(sqs),
    consumer: createConsumer(sqs),
    service: {
      signingName: 'sqs',
      operation,
      errorResponse,
      resourcePolicies(resource) {
        const name = queueNameOfArn(context, resource);
        const policy = name ? store.queue(name)?.policy : undefined;
        return policy ? [policy] : [];
      },
      async close() {
        arrivals.close();
        store.close();
      },
    },
  };
}

function parseBody(body: Buffer): unknown {
  try {
    return bodySchema.parse(JSON.parse(body.toString() || '{}'));
  } catch {
    throw new AwsError('SerializationException', 'The body is no JSON object');
  }
}
