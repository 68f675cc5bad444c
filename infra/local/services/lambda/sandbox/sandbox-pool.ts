/**
 * The workers of one function. As on AWS, a worker serves one event at a time; unlike there, the fifth concurrent event waits
 * instead of getting a worker of its own. A worker is replaced before its credentials end, and once the clock has moved.
 */
import type { Clock } from '../../../contract.ts';
import type { ClockOffset } from './clock-offset.ts';
import type { InvokeMessage } from './messages.ts';
import type { Outcome, Sandbox } from './sandbox.ts';

/** Credentials must outlive the longest invocation by this much. */
const MARGIN_MS = 60_000;

export interface SandboxPoolOptions {
  readonly maxWorkers: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly offset: ClockOffset;
  start(): Sandbox;
}

export class SandboxPool {
  readonly #options: SandboxPoolOptions;
  readonly #idle: Sandbox[] = [];
  readonly #all = new Set<Sandbox>();
  readonly #waiting: (() => void)[] = [];
  /** Places taken: workers that serve an event, or are being started for one. */
  #busy = 0;

  constructor(options: SandboxPoolOptions) {
    this.#options = options;
  }

  async invoke(message: InvokeMessage): Promise<Outcome> {
    while (this.#busy >= this.#options.maxWorkers) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#busy += 1;
    try {
      return await this.#run(message);
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #run(message: InvokeMessage): Promise<Outcome> {
    const sandbox = this.#takeIdle() ?? this.#start();
    const failure = await sandbox.ready();
    if (failure) {
      await this.#discard(sandbox);
      return { error: failure };
    }
    const outcome = await sandbox.invoke(message);
    if (sandbox.alive) this.#idle.push(sandbox);
    else this.#all.delete(sandbox);
    return outcome;
  }

  /** The worker that served last, so that the others may go cold. */
  #takeIdle(): Sandbox | undefined {
    for (;;) {
      const sandbox = this.#idle.pop();
      if (!sandbox || this.#fit(sandbox)) return sandbox;
      void this.#discard(sandbox);
    }
  }

  #fit(sandbox: Sandbox): boolean {
    const { clock, offset, timeoutMs } = this.#options;
    const credentialsLast = (sandbox.expires ?? Infinity) - clock.now() > timeoutMs + MARGIN_MS;
    return sandbox.alive && credentialsLast && (sandbox.bornMoved || !offset.moved);
  }

  #start(): Sandbox {
    const sandbox = this.#options.start();
    this.#all.add(sandbox);
    return sandbox;
  }

  async #discard(sandbox: Sandbox): Promise<void> {
    this.#all.delete(sandbox);
    await sandbox.stop();
  }

  clockMoved(): void {
    for (const sandbox of this.#all) sandbox.clockMoved();
  }

  /** Ends every worker, as a crash would; answers how many there were. */
  async kill(): Promise<number> {
    const sandboxes = [...this.#all];
    this.#idle.length = 0;
    await Promise.all(sandboxes.map((sandbox) => this.#discard(sandbox)));
    return sandboxes.length;
  }
}
