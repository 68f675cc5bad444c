/** A durable execution in memory: keeps what steps answered, runs the code again from its beginning, and is killed where a test says. */
import type { StepResult } from '../../../shared/job/define-job.ts';
import type { Durable } from '../../../shared/job/durable.ts';

const KILLED = Symbol('killed');
const never = <T>() => new Promise<T>(() => {});

type Kept = { readonly name: string; readonly result?: string; readonly error?: string };

export interface Execution {
  readonly history: readonly Kept[];
  /** Seconds of each wait. */
  readonly waits: readonly number[];
  /** Runs it to its end, through every kill. */
  run(): Promise<string>;
}

interface Options {
  /** Kills it after so many steps were done and not yet kept, then goes on. */
  readonly killAt?: number;
  /** Kills it after each step, once, before it was kept. */
  readonly killEach?: boolean;
  readonly tries?: number;
  /** Called instead of waiting. */
  readonly waiting?: (name: string) => Promise<void>;
}

export function execution(code: (durable: Durable) => Promise<string>, options: Options = {}): Execution {
  const history: Kept[] = [];
  const waits: number[] = [];
  let done = 0;

  /** The same position again must be the same operation, or the code is not replayable. */
  function keptAt(position: number, name: string): Kept | undefined {
    const kept = history[position];
    if (kept && kept.name !== name) throw new Error(`Replay: ${name} where ${kept.name} was.`);
    return kept;
  }

  const killed = new Set<number>();
  function isToBeKilled(position: number): boolean {
    if (done === options.killAt) return true;
    if (!options.killEach || killed.has(position)) return false;
    killed.add(position);
    return true;
  }

  async function tried(
    { name, position }: { name: string; position: number },
    run: () => Promise<StepResult>,
    kill: () => void,
  ): Promise<Kept> {
    for (let tries = 1; ; tries++) {
      try {
        // As JSON, as Lambda keeps it.
        const result = JSON.stringify(await run());
        done += 1;
        if (isToBeKilled(position)) {
          kill();
          return await never();
        }
        return result === undefined ? { name } : { name, result };
      } catch (error) {
        if (tries === (options.tries ?? 3)) return { name, error: error instanceof Error ? error.message : '' };
      }
    }
  }

  /** Whoever is killed hears nothing of it: the code just goes no further. */
  const replay = (kill: () => void): Durable => {
    let position = 0;
    return {
      version: 'arn:aws:lambda:eu-central-1:123456789012:function:jobs:1',
      async step<T extends StepResult>(name: string, run: () => Promise<T>): Promise<T> {
        const at = position++;
        const kept = keptAt(at, name) ?? (await tried({ name, position: at }, run, kill));
        history[at] = kept;
        if (kept.error !== undefined) throw new Error(kept.error);
        return (kept.result === undefined ? undefined : JSON.parse(kept.result)) as T;
      },
      async wait(name, seconds) {
        const at = position++;
        if (keptAt(at, name)) return;
        waits.push(seconds);
        await options.waiting?.(name);
        history[at] = { name };
      },
    };
  };

  return {
    history,
    waits,
    async run() {
      for (;;) {
        const { promise: killed, resolve } = Promise.withResolvers<typeof KILLED>();
        const ended = await Promise.race([code(replay(() => resolve(KILLED))), killed]);
        if (ended !== KILLED) return ended;
      }
    },
  };
}
