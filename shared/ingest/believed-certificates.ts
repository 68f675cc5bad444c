/**
 * Certificates as ingest believes them: while their account has revoked nothing since they were read, and for an hour at most. The
 * account's count is itself read every 15 seconds, so that a revocation stops data within that time, and what stays as it is costs
 * one read an hour.
 */
import type { AccountState, CertificateRow } from '../directory/directory.ts';
import type { Now } from '../platform/clock.ts';

const BELIEVED_MS = 3_600_000;
/** About 50 MB. Above this, those that were read first are let go. */
const MOST = 100_000;

interface Believed {
  readonly row: CertificateRow;
  readonly revocations: number | undefined;
  readonly until: number;
}

/** Only what was found is kept, so that what is new is seen at once. `states` must have been read before the certificates are. */
export function believedCertificates(
  now: Now,
  load: (ids: string[]) => Promise<Map<string, CertificateRow>>,
  most: number = MOST,
) {
  const known = new Map<string, Believed>();
  return async (
    ids: Iterable<string>,
    states: ReadonlyMap<string, AccountState>,
  ): Promise<Map<string, CertificateRow>> => {
    const at = now();
    const countOf = (row: CertificateRow) => states.get(row.account)?.revocations;
    const found = new Map<string, CertificateRow>();
    const missing = [];
    for (const id of new Set(ids)) {
      const entry = known.get(id);
      if (entry && entry.until > at && entry.revocations === countOf(entry.row)) found.set(id, entry.row);
      else missing.push(id);
    }
    if (missing.length === 0) return found;
    for (const id of missing) known.delete(id);
    for (const [id, row] of await load(missing)) {
      found.set(id, row);
      known.set(id, { row, revocations: countOf(row), until: at + BELIEVED_MS });
    }
    for (const id of known.keys()) {
      if (known.size <= most) break;
      known.delete(id);
    }
    return found;
  };
}
