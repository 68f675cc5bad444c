/** Temporary credentials. In memory: a restart ends them all, as the workers that hold them end too. */
import { randomBytes, randomInt } from 'node:crypto';
import type { Clock, Principal } from '../contract.ts';

export type SessionPrincipal = Extract<Principal, { kind: 'session' }>;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch milliseconds; absent: as long as the host runs, or until revoked. */
  readonly expires?: number;
}

export interface Session extends Credentials {
  readonly principal: SessionPrincipal;
  /** Tags that go along when this session assumes a further role. */
  readonly transitiveTagKeys: readonly string[];
}

export interface Sessions {
  issue(principal: SessionPrincipal, options?: { expires?: number; transitiveTagKeys?: readonly string[] }): Session;
  find(accessKeyId: string): Session | undefined;
  /** The session that this principal object came from. */
  of(principal: Principal): Session | undefined;
  revoke(accessKeyId: string): void;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** An expired key is still known for an hour, so that its owner hears "expired" and not "unknown". */
const REMEMBER_MS = 3_600_000;

export function createSessions(clock: Clock): Sessions {
  const byKey = new Map<string, Session>();
  const byPrincipal = new WeakMap<Principal, Session>();

  const forgetExpired = (): void => {
    const limit = clock.now() - REMEMBER_MS;
    for (const [key, { expires }] of byKey) if (expires !== undefined && expires < limit) byKey.delete(key);
  };

  return {
    issue(principal, { expires, transitiveTagKeys = [] } = {}) {
      forgetExpired();
      const session: Session = {
        accessKeyId: `ASIA${Array.from({ length: 16 }, () => BASE32[randomInt(32)]).join('')}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(120).toString('base64'),
        ...(expires !== undefined && { expires }),
        principal,
        transitiveTagKeys,
      };
      byKey.set(session.accessKeyId, session);
      byPrincipal.set(principal, session);
      return session;
    },
    find: (accessKeyId) => byKey.get(accessKeyId),
    of: (principal) => byPrincipal.get(principal),
    revoke: (accessKeyId) => void byKey.delete(accessKeyId),
  };
}
