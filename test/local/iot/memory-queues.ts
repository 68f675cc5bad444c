/** Where the rules under test send to: queues whose sends can be looked at, held back and broken. */
import type { QueueSender } from '../../../infra/local/contract.ts';
import { queueUrl } from './template.ts';

export class MemoryQueues implements QueueSender {
  readonly broken = new Set<string>();
  readonly #messages = new Map<string, string[]>();
  #gate: Promise<void> = Promise.resolve();

  async send(url: string, body: string): Promise<void> {
    await this.#gate;
    if (this.broken.has(url)) throw new Error('the queue is out of order');
    this.#messages.set(url, [...(this.#messages.get(url) ?? []), body]);
  }

  /** Sends wait until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  break(name: string): void {
    this.broken.add(queueUrl(name));
  }

  bodies(name: string): readonly string[] {
    return this.#messages.get(queueUrl(name)) ?? [];
  }
}
