/** Registered certificates. Only what is registered here may connect, whoever signed it. */
import { createHash, X509Certificate } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Clock } from '../../../contract.ts';
import { notFound } from '../errors.ts';

export const certificateStatus = z.enum(['ACTIVE', 'INACTIVE', 'REVOKED']);
export type CertificateStatus = z.infer<typeof certificateStatus>;

const row = z.object({
  id: z.string(),
  pem: z.string(),
  status: certificateStatus,
  created_at: z.number(),
  modified_at: z.number(),
});
export type Certificate = Readonly<z.infer<typeof row>>;
export type Certificates = ReturnType<typeof createCertificates>;

/** AWS's certificate id: the SHA-256 of the DER form. */
export const certificateId = (der: Uint8Array) => createHash('sha256').update(der).digest('hex');

export function createCertificates(db: DatabaseSync, clock: Clock) {
  const select = db.prepare('SELECT id, pem, status, created_at, modified_at FROM certificates WHERE id = ?');
  const insert = db.prepare('INSERT INTO certificates VALUES (?, ?, ?, ?, ?)');
  const update = db.prepare('UPDATE certificates SET status = ?, modified_at = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM certificates WHERE id = ?');

  function find(id: string): Certificate | undefined {
    const found = select.get(id);
    return found && row.parse(found);
  }

  function get(id: string): Certificate {
    const certificate = find(id);
    if (!certificate) throw notFound('The certificate given in the request does not exist.');
    return certificate;
  }

  return {
    find,
    get,
    register(pem: string, status: CertificateStatus): Certificate {
      const id = certificateId(new X509Certificate(pem).raw);
      insert.run(id, pem, status, clock.now(), clock.now());
      return get(id);
    },
    setStatus(id: string, status: CertificateStatus): void {
      get(id);
      update.run(status, clock.now(), id);
    },
    /** The caller sees to it that nothing is attached. */
    delete: (id: string) => void remove.run(id),
  };
}
