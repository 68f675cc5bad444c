/** App clients and their secrets. A client may hold two secrets, so that one can be replaced while the other still works. */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { AwsError, type Clock } from '../../../contract.ts';
import { atomically } from '../../sqlite.ts';
import { limitExceeded, notFound } from '../errors.ts';
import type { Pools } from '../pool/pools.ts';
import { newClientId, newClientSecret, sameSecret } from '../store/random.ts';
import { jsonColumn, optional } from '../store/rows.ts';
import { type ClientSettings, checkClient, clientSettings } from './client-settings.ts';

const MAX_CLIENTS = 1000;
const MAX_SECRETS = 2;

const clientRow = z
  .object({
    id: z.string(),
    pool: z.string(),
    resource: optional(z.string()),
    settings: jsonColumn(clientSettings),
    created_at: z.number(),
    modified_at: z.number(),
  })
  .transform(({ created_at, modified_at, ...row }) => ({ ...row, createdAt: created_at, modifiedAt: modified_at }));
export type Client = z.infer<typeof clientRow>;

const secretRow = z
  .object({ id: z.string(), secret: z.string(), created_at: z.number() })
  .transform(({ created_at, ...row }) => ({ ...row, createdAt: created_at }));
export type ClientSecret = z.infer<typeof secretRow>;

export type Clients = ReturnType<typeof createClients>;

export function createClients(db: DatabaseSync, clock: Clock, pools: Pools) {
  const find = (id: string): Client | undefined => {
    const row = db.prepare('SELECT * FROM clients WHERE id = ?').get(id);
    return row && clientRow.parse(row);
  };
  /** A client of another pool is as unknown as one that doesn't exist. */
  const get = (pool: string, id: string): Client => {
    pools.get(pool);
    const client = find(id);
    if (client?.pool !== pool) throw notFound(`User pool client ${id} does not exist.`);
    return client;
  };
  const secrets = (id: string): ClientSecret[] =>
    z
      .array(secretRow)
      .parse(db.prepare('SELECT * FROM client_secrets WHERE client = ? ORDER BY created_at, rowid').all(id));
  /** Secret ids end in the time of creation; two of one millisecond must still differ. */
  const insertSecret = (id: string, secret: string): ClientSecret => {
    const createdAt = clock.now();
    const taken = new Set(secrets(id).map((existing) => existing.id));
    let stamp = createdAt;
    while (taken.has(`${id}--${stamp}`)) stamp += 1;
    const secretId = `${id}--${stamp}`;
    db.prepare('INSERT INTO client_secrets (id, client, secret, created_at) VALUES (?, ?, ?, ?)').run(
      secretId,
      id,
      secret,
      createdAt,
    );
    return { id: secretId, secret, createdAt };
  };
  const list = (pool: string): Client[] =>
    z.array(clientRow).parse(db.prepare('SELECT * FROM clients WHERE pool = ? ORDER BY id').all(pool));

  return {
    find,
    get,
    secrets,
    list,
    byResource(resource: string): Client | undefined {
      const row = db.prepare('SELECT * FROM clients WHERE resource = ?').get(resource);
      return row && clientRow.parse(row);
    },

    create(
      pool: string,
      settings: ClientSettings,
      secret: { generate: boolean; given?: string },
      resource?: string,
    ): Client {
      pools.get(pool);
      checkClient(settings, secret.generate || secret.given !== undefined, pools.customScopes(pool));
      const count = db.prepare('SELECT count(*) AS n FROM clients WHERE pool = ?').get(pool)?.n;
      if (Number(count) >= MAX_CLIENTS) throw limitExceeded('Limit of user pool clients exceeded.');
      const id = newClientId();
      atomically(db, () => {
        db.prepare(
          'INSERT INTO clients (id, pool, resource, settings, created_at, modified_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)',
        ).run(id, pool, resource ?? null, JSON.stringify(settings), clock.now());
        if (secret.generate || secret.given) insertSecret(id, secret.given ?? newClientSecret());
      });
      return get(pool, id);
    },

    /** Replaces all settings: what isn't given returns to its default, as in Cognito. */
    update(pool: string, id: string, settings: ClientSettings): Client {
      get(pool, id);
      checkClient(settings, secrets(id).length > 0, pools.customScopes(pool));
      const text = JSON.stringify(settings);
      db.prepare('UPDATE clients SET settings = ?1, modified_at = ?2 WHERE id = ?3 AND settings <> ?1').run(
        text,
        clock.now(),
        id,
      );
      return get(pool, id);
    },

    remove(pool: string, id: string): void {
      db.prepare('DELETE FROM clients WHERE id = ?').run(get(pool, id).id);
    },

    addSecret(pool: string, id: string, given?: string): ClientSecret {
      const held = secrets(get(pool, id).id);
      if (held.length === 0) throw new AwsError('InvalidParameterException', 'A public client can not have a secret.');
      if (held.length >= MAX_SECRETS) throw limitExceeded('Client secret limit exceeded for the user pool client.');
      return insertSecret(id, given ?? newClientSecret());
    },

    removeSecret(pool: string, id: string, secretId: string): void {
      const held = secrets(get(pool, id).id);
      if (!held.some((secret) => secret.id === secretId)) throw notFound(`Client secret ${secretId} does not exist.`);
      if (held.length === 1)
        throw new AwsError('InvalidParameterException', 'The last secret of a client can not be deleted.');
      db.prepare('DELETE FROM client_secrets WHERE id = ?').run(secretId);
    },

    /** A public client needs no secret and accepts none; a confidential one accepts any that it holds. */
    accepts(id: string, secret: string | undefined): boolean {
      const held = secrets(id);
      if (held.length === 0) return !secret;
      return held.filter((candidate) => sameSecret(candidate.secret, secret ?? '')).length > 0;
    },
  };
}
