/**
 * Log groups as folders of one file a day below the service's folder. A retention in the template is a promise, so it holds on the
 * laptop too: what is older goes. A group without one keeps everything, as on AWS.
 */
import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../contract.ts';

const DAY_MS = 86_400_000;

export class LogGroups {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #retention = new Map<string, number>();
  #sweptOn = '';

  constructor(dir: string, clock: Clock) {
    this.#dir = dir;
    this.#clock = clock;
  }

  /** @param retentionDays forever if undefined */
  put(name: string, retentionDays: number | undefined): void {
    this.directory(name);
    if (retentionDays === undefined) this.#retention.delete(name);
    else this.#retention.set(name, retentionDays);
    this.#sweep();
  }

  /** The folder of a group; it exists. */
  directory(name: string): string {
    const directory = join(this.#dir, name.replace(/^\//, '').replaceAll(/[^A-Za-z0-9._-]|^\./g, '_'));
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return directory;
  }

  append(name: string, line: string): void {
    const today = this.#today();
    appendFileSync(join(this.directory(name), `${today}.log`), `${line}\n`, { mode: 0o600 });
    if (today !== this.#sweptOn) this.#sweep();
  }

  #today(): string {
    return new Date(this.#clock.now()).toISOString().slice(0, 10);
  }

  #sweep(): void {
    this.#sweptOn = this.#today();
    for (const [name, days] of this.#retention) {
      const oldest = new Date(this.#clock.now() - days * DAY_MS).toISOString().slice(0, 10);
      const directory = this.directory(name);
      for (const file of readdirSync(directory)) if (file < `${oldest}.log`) rmSync(join(directory, file));
    }
  }
}
