/** Mails that AWS would send, as files that a person or a script can read. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Clock } from './contract.ts';
import { writeJson } from './files.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** One JSON file a mail, named so that they sort by time. */
export function outbox(dir: string, clock: Clock): (mail: Mail) => Promise<void> {
  return async (mail) => {
    const sentAt = new Date(clock.now()).toISOString();
    const name = `${sentAt.replaceAll(':', '-')}-${randomUUID().slice(0, 8)}.json`;
    writeJson(path.join(dir, name), { sentAt, ...mail });
  };
}
