/**
 * Connections, kept on disk: their version numbers go up across a restart, and a connection that a `kill -9` ended is still
 * reported as disconnected by the next start.
 */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Clock } from '../../../contract.ts';

const row = z.object({
  client: z.string(),
  id: z.string(),
  certificate: z.string(),
  thing: z.string().nullable(),
  clean: z.number().transform((value) => value === 1),
  version: z.number(),
  connected_at: z.number(),
  disconnected_at: z.number().nullable(),
  reason: z.string().nullable(),
});
export type StoredSession = Readonly<z.infer<typeof row>>;
export interface NewSession {
  readonly client: string;
  readonly id: string;
  readonly certificate: string;
  /** Only for an exclusive thing, as in AWS's presence events. */
  readonly thing: string | undefined;
  readonly clean: boolean;
}
export type Sessions = ReturnType<typeof createSessions>;

/** As on AWS, the version numbers of a client begin anew after about an hour without connection. */
const FORGOTTEN_AFTER = 3_600_000;

export function createSessions(db: DatabaseSync, clock: Clock) {
  const select = db.prepare('SELECT * FROM sessions WHERE client = ?');
  const forget = db.prepare('DELETE FROM sessions WHERE disconnected_at < ?');
  const insert = db.prepare('INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)');
  const end = db.prepare('UPDATE sessions SET disconnected_at = ?, reason = ? WHERE client = ? AND id = ?');
  const open = db.prepare('SELECT * FROM sessions WHERE disconnected_at IS NULL ORDER BY client');

  function find(client: string): StoredSession | undefined {
    const found = select.get(client);
    return found && row.parse(found);
  }

  return {
    find,
    /** Answers the connection's version number. */
    begin(session: NewSession): number {
      forget.run(clock.now() - FORGOTTEN_AFTER);
      const version = (find(session.client)?.version ?? -1) + 1;
      const { client, id, certificate, thing, clean } = session;
      insert.run(client, id, certificate, thing ?? null, clean ? 1 : 0, version, clock.now());
      return version;
    },
    end: (client: string, id: string, reason: string) => void end.run(clock.now(), reason, client, id),
    /** Those that no one has reported as ended. */
    open: (): StoredSession[] => open.all().map((found) => row.parse(found)),
  };
}
