/**
 * One event source mapping: takes messages from a queue in batches, runs the function, and deletes what it did. Starts with five
 * batches at once, as AWS does, so that messages of one sender scatter over batches here too. It acts with the function's role.
 */
import type { Authority, FunctionRuntime, ServiceContext } from '../../../contract.ts';
import { succeeded } from './batch-response.ts';
import type { QueueMessage, QueuePoller } from './queue-poller.ts';
import { sqsRecord } from './sqs-event.ts';

const STARTING_CONCURRENCY = 5;
const RECEIVE_LIMIT = 10;
const PAYLOAD_LIMIT = 6_291_456;
/** The queue tells of messages; this is for a word that got lost. */
const IDLE_POLL_MS = 1000;
const FAILURE_PAUSE_MS = 5000;
const ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

export interface MappingSettings {
  readonly functionArn: string;
  readonly roleArn: string;
  readonly functionName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly partialBatches: boolean;
  readonly maximumConcurrency: number | undefined;
}

/** Throws `AccessDeniedException` if the function's role may not read the queue. */
export function authorizePolling(authority: Authority, { roleArn, functionName, queueArn }: MappingSettings): void {
  const principal = authority.assume(roleArn, 'lambda.amazonaws.com', functionName);
  authority.authorize(
    principal,
    ACTIONS.map((action) => ({ action, resource: queueArn })),
  );
}

export class QueueMapping {
  readonly #ctx: ServiceContext;
  readonly #runtime: FunctionRuntime;
  readonly #queues: QueuePoller;
  readonly #settings: MappingSettings;
  readonly #wakers = new Set<() => void>();
  #loops: Promise<void>[] = [];
  #stopListening: (() => void) | undefined;
  #running = false;

  constructor(ctx: ServiceContext, runtime: FunctionRuntime, queues: QueuePoller, settings: MappingSettings) {
    this.#ctx = ctx;
    this.#runtime = runtime;
    this.#queues = queues;
    this.#settings = settings;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#stopListening = this.#queues.onMessage(this.#settings.queueArn, () => this.#wake());
    const concurrency = Math.min(STARTING_CONCURRENCY, this.#settings.maximumConcurrency ?? STARTING_CONCURRENCY);
    this.#loops = Array.from({ length: concurrency }, () => this.#loop());
  }

  /** Waits for batches in flight; end the workers first where that may take long. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#stopListening?.();
    this.#wake();
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    // What didn't fit into the payload limit opens the next batch.
    let carried: QueueMessage[] = [];
    while (this.#running) {
      try {
        authorizePolling(this.#ctx.authority, this.#settings);
        const batch = await this.#gather(carried);
        carried = batch.rest;
        if (batch.messages.length === 0) await this.#pause(IDLE_POLL_MS);
        else await this.#process(batch.messages);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#ctx.log(`event source mapping of ${this.#settings.functionName}: ${reason}`);
        await this.#pause(FAILURE_PAUSE_MS, false);
      }
    }
    if (carried.length > 0) {
      const handles = carried.map(({ receiptHandle }) => receiptHandle);
      this.#queues.release(this.#settings.queueArn, handles);
    }
  }

  async #gather(carried: readonly QueueMessage[]): Promise<{ messages: QueueMessage[]; rest: QueueMessage[] }> {
    const { queueArn, batchSize, windowMs } = this.#settings;
    const messages = [...carried];
    let size = messages.reduce((sum, message) => sum + this.#sizeOf(message), 0);
    // The window opens with the first message, not before.
    let closesAt = messages.length > 0 ? performance.now() + windowMs : undefined;
    while (this.#running && messages.length < batchSize) {
      const max = Math.min(RECEIVE_LIMIT, batchSize - messages.length);
      const received = this.#queues.receive(queueArn, { max });
      for (const [index, message] of received.entries()) {
        size += this.#sizeOf(message);
        if (size > PAYLOAD_LIMIT && messages.length > 0) return { messages, rest: received.slice(index) };
        messages.push(message);
      }
      if (messages.length === 0) break;
      closesAt ??= performance.now() + windowMs;
      const left = closesAt - performance.now();
      if (left <= 0) break;
      if (received.length < max) await this.#pause(Math.min(left, IDLE_POLL_MS));
    }
    return { messages, rest: [] };
  }

  async #process(messages: readonly QueueMessage[]): Promise<void> {
    const { functionArn, queueArn, partialBatches } = this.#settings;
    const Records = messages.map((message) => sqsRecord(message, queueArn, this.#ctx.region));
    const result = await this.#runtime.invoke(functionArn, { Records });
    // Nothing is deleted: the messages come back when their visibility timeout ends.
    if ('error' in result) return;
    const ids = messages.map(({ messageId }) => messageId);
    const done = new Set(partialBatches ? succeeded(ids, result.payload) : ids);
    const handles = messages.filter(({ messageId }) => done.has(messageId)).map(({ receiptHandle }) => receiptHandle);
    if (handles.length > 0) this.#queues.delete(queueArn, handles);
  }

  #sizeOf(message: QueueMessage): number {
    return Buffer.byteLength(JSON.stringify(sqsRecord(message, this.#settings.queueArn, this.#ctx.region)));
  }

  #pause(ms: number, untilWoken = true): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      const wake = () => {
        if (untilWoken || !this.#running) end();
      };
      const timer = setTimeout(end, ms).unref();
      this.#wakers.add(wake);
    });
  }

  #wake() {
    for (const wake of [...this.#wakers]) wake();
  }
}
