/** The pools themselves, with their domain, resource servers and login branding. */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Clock, Place } from '../../../contract.ts';
import { notFound } from '../errors.ts';
import { newPoolId } from '../store/random.ts';
import { jsonColumn, optional } from '../store/rows.ts';
import { type PoolSettings, poolSettings } from './pool-settings.ts';

const poolRow = z
  .object({
    id: z.string(),
    settings: jsonColumn(poolSettings),
    created_at: z.number(),
    modified_at: z.number(),
    domain: optional(z.string()),
    managed_login_version: optional(z.number()),
  })
  .transform((row) => ({
    id: row.id,
    settings: row.settings,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
    domain: row.domain,
    managedLogin: row.managed_login_version === 2,
  }));
export type Pool = z.infer<typeof poolRow>;

const SELECT =
  'SELECT id, settings, created_at, modified_at, domain, managed_login_version FROM pools LEFT JOIN domains ON pool = id';

export type Pools = ReturnType<typeof createPools>;

export function createPools(db: DatabaseSync, clock: Clock, place: Place) {
  const find = (id: string): Pool | undefined => {
    const row = db.prepare(`${SELECT} WHERE id = ?`).get(id);
    return row && poolRow.parse(row);
  };
  const get = (id: string): Pool => {
    const pool = find(id);
    if (!pool) throw notFound(`User pool ${id} does not exist.`);
    return pool;
  };
  const byDomain = (domain: string): Pool | undefined => {
    const row = db.prepare(`${SELECT} WHERE domain = ?`).get(domain);
    return row && poolRow.parse(row);
  };
  const byResource = (resource: string): Pool | undefined => {
    const row = db.prepare(`${SELECT} WHERE resource = ?`).get(resource);
    return row && poolRow.parse(row);
  };
  return {
    find,
    get,
    byDomain,
    byResource,
    arn: (id: string) => `arn:aws:cognito-idp:${place.region}:${place.account}:userpool/${id}`,
    issuer: (id: string) => `https://cognito-idp.${place.region}.amazonaws.com/${id}`,

    /** Creates the resource's pool, or updates it in place; its id stays. */
    put(resource: string, settings: PoolSettings): Pool {
      const id = byResource(resource)?.id ?? newPoolId(place.region);
      db.prepare(
        `INSERT INTO pools (id, resource, settings, created_at, modified_at) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (id) DO UPDATE SET settings = ?3, modified_at = ?4 WHERE settings <> ?3`,
      ).run(id, resource, JSON.stringify(settings), clock.now());
      return get(id);
    },

    putDomain(pool: string, domain: string, managedLoginVersion: number): void {
      const taken = byDomain(domain);
      if (taken && taken.id !== pool) throw new Error(`Domain ${domain} is already that of user pool ${taken.id}`);
      db.prepare(
        `INSERT INTO domains (pool, domain, managed_login_version) VALUES (?1, ?2, ?3)
         ON CONFLICT (pool) DO UPDATE SET domain = ?2, managed_login_version = ?3`,
      ).run(pool, domain, managedLoginVersion);
    },

    putResourceServer(pool: string, identifier: string, scopes: readonly string[]): void {
      db.prepare(
        `INSERT INTO resource_servers (pool, identifier, scopes) VALUES (?1, ?2, ?3)
         ON CONFLICT (pool, identifier) DO UPDATE SET scopes = ?3`,
      ).run(pool, identifier, JSON.stringify(scopes));
    },

    /** Every scope of the pool's resource servers, as tokens spell it: `identifier/scope`. */
    customScopes(pool: string): string[] {
      const servers = z.array(z.object({ identifier: z.string(), scopes: jsonColumn(z.array(z.string())) }));
      const rows = db.prepare('SELECT identifier, scopes FROM resource_servers WHERE pool = ?').all(pool);
      return servers.parse(rows).flatMap((server) => server.scopes.map((scope) => `${server.identifier}/${scope}`));
    },

    /** Keeps the branding's id. Without a client it is the style of every client of the pool. */
    putBranding(resource: string, id: string, pool: string, client: string | undefined): string {
      const row = db
        .prepare(
          `INSERT INTO brandings (resource, id, pool, client) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT (resource) DO UPDATE SET pool = ?3, client = ?4 RETURNING id`,
        )
        .get(resource, id, pool, client ?? null);
      return z.object({ id: z.string() }).parse(row).id;
    },

    isBranded: (pool: string, client: string): boolean =>
      db.prepare('SELECT 1 FROM brandings WHERE pool = ? AND (client = ? OR client IS NULL)').get(pool, client) !==
      undefined,
  };
}
