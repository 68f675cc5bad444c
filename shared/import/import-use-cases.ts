/** The use cases of imports. */
import type { AccountCaller } from '../api/caller.ts';
import type { UseCases } from '../api/edge.ts';
import { DomainError } from '../api/errors.ts';
import type { AccountScope } from '../api/scopes.ts';
import { objectSize, readWhole } from '../archive/objects.ts';
import { ADDRESS_SECONDS, downloadAddress } from '../archive/signed-address.ts';
import { STORES } from '../archive/store-registry.ts';
import { findBucket } from '../bucket/find-bucket.ts';
import { findDevice } from '../device/find-device.ts';
import { type JobStarts, prepareJob } from '../job/begin-job.ts';
import type { ShownJob } from '../job/job.ts';
import { jobRecord, jobUseCases, type StoredJob } from '../job/job-use-cases.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import {
  IMPORT_LIFE_MS,
  IMPORT_UNIT,
  type ImportInput,
  type ImportSource,
  importInput,
  importProblem,
  importReport,
} from './import.ts';
import { importRoutes } from './import-api.ts';
import { mappingName, problemName } from './import-objects.ts';
import { beginImportUpload, completeImportUpload, uploadParts } from './upload.ts';

const SECOND = 1000;

/** Whoever imports makes what it holds, so must be allowed to. */
const NEEDS: Readonly<Record<ImportSource['format'], readonly AccountScope[]>> = {
  archive: ['products.write', 'devices.write', 'buckets.write', 'readings.write'],
  'thinger-csv': ['readings.write'],
};

const NOT_IMPORTED = [
  { what: 'credentials of devices', reason: 'Secrets are never in an archive: devices get new ones.' },
  ...STORES.flatMap((store) =>
    'imported' in store && typeof store.imported === 'string' ? [{ what: store.name, reason: store.imported }] : [],
  ),
];

function show(shown: ShownJob, { sealed, createdAt }: Pick<StoredJob, 'sealed' | 'createdAt'>) {
  const { source, size, dryRun } = importInput.parse(sealed.input);
  const report = importReport.optional().parse(sealed.report);
  const notImported = source.format === 'archive' ? NOT_IMPORTED : [];
  return {
    ...shown,
    ...source,
    size,
    ...(dryRun ? { dryRun } : {}),
    expiresAt: isoTime(createdAt + IMPORT_LIFE_MS),
    ...(report ? { report: { ...report, notImported } } : {}),
  };
}

/** With what only one import shows: where to put its file, or what is wrong with it. */
async function showWhole(session: AccountSession, shown: ShownJob, job: StoredJob) {
  const body = show(shown, job);
  const input = importInput.parse(job.sealed.input);
  if (shown.status === 'prepared') return { ...body, upload: { parts: await uploadParts(session, shown.id, input) } };
  if (shown.status !== 'failed') return body;
  const name = problemName(session.account, shown.id);
  if ((await objectSize(session, name)) === undefined) return body;
  const problem = importProblem.parse(JSON.parse((await readWhole(session, name)).toString()));
  return { ...body, problem };
}

async function requireTarget(session: AccountSession, source: ImportSource): Promise<void> {
  if (source.format === 'archive') return;
  await findBucket(session, source.bucket);
  await findDevice(session, source.device);
}

function requireRights({ rights }: AccountCaller, { source }: ImportInput): void {
  const lacking = NEEDS[source.format].filter((scope) => !rights.has(scope));
  if (lacking.length > 0)
    throw new DomainError('forbidden', `To import it needs custodia/${lacking.join(', custodia/')}, too.`);
}

const ofEveryJob = (deps: JobStarts) => jobUseCases(deps, 'import', importRoutes, show);

export const importUseCases = (deps: JobStarts): UseCases<typeof importRoutes> => ({
  ...ofEveryJob(deps),

  create: async ({ session }, { body: { size, ...source } }) => {
    await requireTarget(session, source);
    const [id, now] = [deps.newId('import'), deps.now()];
    const upload = await beginImportUpload(session, id);
    const at = Math.floor(now / SECOND) * SECOND;
    const input: ImportInput = { source, size, upload, dryRun: false, startedAt: now, rights: [], at };
    const ttl = Math.ceil((now + IMPORT_LIFE_MS) / SECOND);
    const job = await prepareJob(deps, { session }, { id, kind: 'import', unit: IMPORT_UNIT, input, ttl });
    const record = await jobRecord(deps, session, 'import', id);
    return { body: await showWhole(session, record.shown, job), location: `${importRoutes.list.path}/${id}` };
  },

  get: async ({ session }, { params }) => {
    const { job, shown } = await jobRecord(deps, session, 'import', params.id);
    return { body: await showWhole(session, shown, job) };
  },

  start: async (caller, { params, body: { dryRun = false } }) => {
    const { session, rights } = caller;
    const record = await jobRecord(deps, session, 'import', params.id);
    const input = importInput.parse(record.job.sealed.input);
    requireRights(caller, input);
    await completeImportUpload(session, params.id, input);
    const started = await record.start(deps, caller, { ...input, dryRun, startedAt: deps.now(), rights: [...rights] });
    return { body: show(record.show(started), started), location: `${importRoutes.list.path}/${params.id}` };
  },

  retry: async (caller, request) => {
    const { job } = await jobRecord(deps, caller.session, 'import', request.params.id);
    requireRights(caller, importInput.parse(job.sealed.input));
    return ofEveryJob(deps).retry(caller, request);
  },

  mapping: async ({ session }, { params, mediaType }) => {
    await jobRecord(deps, session, 'import', params.id);
    const name = mappingName(session.account, params.id);
    if ((await objectSize(session, name)) === undefined)
      throw new DomainError('conflict', 'There is none: the import of an archive must have succeeded.');
    const url = await downloadAddress(session, name, `${params.id}.ndjson`);
    if (mediaType !== 'application/json') return { redirect: url };
    return { body: { url, expiresAt: isoTime(deps.now() + ADDRESS_SECONDS * SECOND) } };
  },
});
