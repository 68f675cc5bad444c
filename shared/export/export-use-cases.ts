/** The use cases of exports. */
import type { UseCases } from '../api/edge.ts';
import { DomainError, notFound } from '../api/errors.ts';
import { orStale } from '../api/versions.ts';
import type { DocumentKind } from '../archive/schemas.ts';
import { ADDRESS_SECONDS, downloadAddress } from '../archive/signed-address.ts';
import { ArchiveOfJob } from '../archive/writing.ts';
import { findBucket } from '../bucket/find-bucket.ts';
import { findDevice } from '../device/find-device.ts';
import { beginJob, type JobStarts } from '../job/begin-job.ts';
import type { ShownJob } from '../job/job.ts';
import { jobRecord, jobUseCases, type StoredJob } from '../job/job-use-cases.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import { findProduct } from '../product/find-product.ts';
import { kindsOfScope } from './archive-files.ts';
import {
  EXPORT_LIFE_MS,
  EXPORT_UNIT,
  type ExportInput,
  exportInput,
  exportReport,
  type NewExport,
  neededFor,
  readableKinds,
} from './export.ts';
import { exportRoutes } from './export-api.ts';

const SECOND = 1000;

/** What a scope names must be the account's own. */
async function requireScope(session: AccountSession, scope: NewExport['scope']): Promise<void> {
  if ('product' in scope) await findProduct(session, scope.product);
  if ('bucket' in scope) await findBucket(session, scope.bucket);
  if ('device' in scope && scope.device !== undefined) await findDevice(session, scope.device);
}

const times = ({ from, to }: { from?: number | undefined; to?: number | undefined }) => ({
  ...(from === undefined ? {} : { from: isoTime(from) }),
  ...(to === undefined ? {} : { to: isoTime(to) }),
});
function showScope(scope: ExportInput['scope']) {
  if (!('bucket' in scope)) return scope;
  const { from, to, ...named } = scope;
  return { ...named, ...times({ from, to }) };
}

function show(shown: ShownJob, { sealed, createdAt }: Pick<StoredJob, 'sealed' | 'createdAt'>) {
  const input = exportInput.parse(sealed.input);
  const report = exportReport.optional().parse(sealed.report);
  const file = report && { bytes: report.bytes, sha256: report.sha256, files: report.files, rows: report.rows };
  return {
    ...shown,
    scope: showScope(input.scope),
    format: input.format,
    ...times(input),
    cut: isoTime(input.cut),
    expiresAt: isoTime(createdAt + EXPORT_LIFE_MS),
    ...(file ? { file, waitingMessages: report.waiting } : {}),
  };
}

export const exportUseCases = (deps: JobStarts): UseCases<typeof exportRoutes> => ({
  ...jobUseCases(deps, 'export', exportRoutes, show),

  create: async (caller, { body: { scope, format, from, to } }) => {
    await requireScope(caller.session, scope);
    const now = deps.now();
    const part: ReadonlySet<DocumentKind> = format === 'archive' ? kindsOfScope({ scope }) : new Set(['readings']);
    const kinds = readableKinds(caller.rights).filter((kind) => part.has(kind));
    // Arrival is known to the second.
    const cut = Math.floor(now / SECOND) * SECOND + SECOND;
    const input: ExportInput = { scope, format, from, to, cut, kinds };
    const ttl = Math.ceil((now + EXPORT_LIFE_MS) / SECOND);
    const begun = await beginJob(deps, caller, { kind: 'export', unit: EXPORT_UNIT, input, ttl });
    const body = show(begun, { sealed: { input }, createdAt: Date.parse(begun.createdAt) });
    return { body, location: `${exportRoutes.list.path}/${begun.id}` };
  },

  delete: async ({ session }, { params }) => {
    const record = await jobRecord(deps, session, 'export', params.id);
    if (!record.isOver) throw new DomainError('conflict', 'It is not over: cancel it before.');
    await new ArchiveOfJob(session, params.id).discard();
    await orStale(record.remove());
    return {};
  },

  download: async ({ session, rights }, { params, mediaType }) => {
    const { job } = await jobRecord(deps, session, 'export', params.id);
    const report = exportReport.optional().parse(job.sealed.report);
    if (!report) throw new DomainError('conflict', 'There is no file: the export has not succeeded.');
    const endsAt = job.createdAt + EXPORT_LIFE_MS;
    if (deps.now() >= endsAt) throw notFound('file: the export has expired');
    const lacking = exportInput
      .parse(job.sealed.input)
      .kinds.map(neededFor)
      .filter((scope) => !rights.has(scope));
    if (lacking.length > 0) {
      throw new DomainError('forbidden', `It holds what you may not read: custodia/${lacking.join(', custodia/')}.`);
    }
    const url = await downloadAddress(session, new ArchiveOfJob(session, params.id).name, `${params.id}.zip`);
    if (mediaType !== 'application/json') return { redirect: url };
    const expiresAt = isoTime(deps.now() + ADDRESS_SECONDS * SECOND);
    return { body: { url, sha256: report.sha256, expiresAt } };
  },
});
