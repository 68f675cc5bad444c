/**
 * Accounts that import and export, in one process: their stores in the same tables, S3 in memory, and the jobs, run to their end
 * through whatever a test does to them.
 */
import { randomBytes } from 'node:crypto';
import { accountKey } from '../../../shared/account/account-keys.ts';
import { accounts } from '../../../shared/account/account-store.ts';
import { ACCOUNT_SCOPES } from '../../../shared/api/scopes.ts';
import { objectName, putObject } from '../../../shared/archive/objects.ts';
import { DOCUMENTS, type DocumentKind } from '../../../shared/archive/schemas.ts';
import { EXPORT_UNIT, type ExportInput } from '../../../shared/export/export.ts';
import { exportJob } from '../../../shared/export/run-export.ts';
import { IMPORT_UNIT, type ImportInput, importProblem, importReport } from '../../../shared/import/import.ts';
import { mappingName, problemName, uploadName } from '../../../shared/import/import-objects.ts';
import { importJob } from '../../../shared/import/run-import.ts';
import type { JobKind } from '../../../shared/job/define-job.ts';
import { queuedJob, startedJob } from '../../../shared/job/job.ts';
import type { JobEvent } from '../../../shared/job/job-event.ts';
import { jobKey } from '../../../shared/job/job-keys.ts';
import { jobs } from '../../../shared/job/job-store.ts';
import { runJob } from '../../../shared/job/run-job.ts';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import { newId } from '../../../shared/platform/ids.ts';
import type { ProvisionerRequest } from '../../../shared/provisioning/provisioner-protocol.ts';
import { sha256, unzipped } from '../../support/archives.ts';
import { memoryDynamoDb } from '../../support/dynamodb/memory-dynamodb.ts';
import { kindsWith } from '../../support/job-kinds.ts';
import { memoryKeys } from '../../support/memory-keys.ts';
import { memoryS3 } from '../../support/memory-s3.ts';
import { sessionWith } from '../../support/session.ts';
import { execution } from '../job/memory-durable.ts';

export const START = Date.parse('2026-03-10T09:30:00Z');
const OPENED = Date.parse('2026-01-20T10:00:00Z');
const TABLES = { entities: 'entities', readings: 'readings', keyring: 'keyring', audit: 'audit' };

interface RunOptions {
  /** One thing, or a few, a step. */
  readonly little?: boolean;
  /** Killed after each step, before it was kept. */
  readonly killEach?: boolean;
  readonly operationsAPart?: number;
  /** Called before each step. */
  readonly between?: (step: number) => unknown;
}

export interface ImportOptions extends RunOptions {
  readonly dryRun?: boolean;
  /** All of them, unless said. */
  readonly rights?: ImportInput['rights'];
  /** An import that is there already, to be started again. */
  readonly id?: string;
  /** As it was started before. */
  readonly retry?: boolean;
  readonly source?: ImportInput['source'];
}

export function openWorld() {
  const database = memoryDynamoDb();
  const s3 = memoryS3();
  const clock = { now: START };
  const asked: ProvisionerRequest['command'][] = [];

  async function openAccount(name = 'Acme'): Promise<Account> {
    const [key, keys, account] = [randomBytes(32), memoryKeys(), newId('account')];
    const session = sessionWith({
      account,
      db: database.client,
      s3: s3.client,
      archiveBucket: 'archives',
      tables: TABLES,
      key: async () => key,
      keys,
    });
    const profile = accounts.make(accountKey(account), OPENED, {}, { name });
    await writeTogether(session, [await accounts.put(session, profile)]);
    const numbers = new Map<string, number>();
    const provision = async ({ command }: ProvisionerRequest) => {
      asked.push(command);
      if (command.kind !== 'add-device') return { done: true as const };
      const number = (numbers.get(command.product) ?? 1000) + 1;
      numbers.set(command.product, number);
      return { done: true as const, number };
    };
    return { session, keys, provision };
  }

  /** An attempt of a job, part by part, until it ends. */
  async function attempt({ session }: Account, name: 'export' | 'import', id: string, kind: JobKind, how: RunOptions) {
    const started: JobEvent[] = [];
    let step = 0;
    const code = runJob({
      kinds: kindsWith({ [name]: kind }),
      openSession: async () => {
        await how.between?.(step++);
        return session;
      },
      startExecution: async (event) => void started.push(JSON.parse(JSON.stringify(event))),
      now: () => clock.now,
      ...(how.operationsAPart === undefined ? {} : { operationsAPart: how.operationsAPart }),
    });
    const begun = await jobs.find(session, name, id);
    let event: JobEvent = {
      account: session.account,
      kind: name,
      job: id,
      attempt: begun?.plain.attempt ?? 1,
      part: 1,
      order: 'order',
    };
    const histories: string[] = [];
    for (let parts = 1; ; parts++) {
      const before = started.length;
      const one = execution((durable) => code(event, durable), {
        ...(how.killEach ? { killEach: true } : {}),
        waiting: async (why) => {
          if (why === 'for the cut') clock.now += 1000;
        },
      });
      await one.run();
      histories.push(...one.history.map((kept) => JSON.stringify(kept)));
      // A killed step may have started the next part twice.
      const next = started.at(-1);
      if (started.length === before || !next) return { job: await found(session, name, id), histories, parts };
      event = next;
    }
  }

  async function runExport(of: Account, input: Partial<ExportInput> = {}, how: RunOptions = {}): Promise<Exported> {
    const { session } = of;
    const id = newId('export');
    const cut = Math.floor(clock.now / 1000) * 1000 + 1000;
    const all: ExportInput = {
      scope: { account: true },
      format: 'archive',
      cut,
      kinds: Object.keys(DOCUMENTS) as DocumentKind[],
      ...input,
    };
    const job = jobs.make(jobKey(session.account, 'export', id), clock.now, queuedJob(id, 'export', EXPORT_UNIT), {
      input: all,
    });
    await writeTogether(session, [await jobs.put(session, job)]);
    const begun = clock.now;
    const ran = await attempt(of, 'export', id, exportJob({ waitingMessages: async () => 0 }), how);
    // Retention is judged by the clock: two exports of the same time hold the same.
    clock.now = begun;
    if (ran.job.plain.status !== 'succeeded') throw new Error(JSON.stringify(ran.job.plain));
    const name = objectName(session.account, 'exports', id, 'archive.zip');
    const zip = s3.objects.get(name) ?? Buffer.alloc(0);
    s3.objects.delete(name);
    return { id, zip, files: await unzipped(zip) };
  }

  async function runImport(of: Account, file: Buffer, how: ImportOptions = {}) {
    const { session } = of;
    const { dryRun = false, rights = [...ACCOUNT_SCOPES], id = newId('import') } = how;
    const input: ImportInput = {
      source: how.source ?? { format: 'archive' },
      size: file.length,
      upload: 'upload',
      dryRun,
      startedAt: clock.now++,
      rights,
      at: Math.floor(clock.now / 1000) * 1000,
    };
    const before = await jobs.find(session, 'import', id);
    const job = before
      ? jobs.change(before, clock.now, how.retry ? before.sealed : { input }, startedJob(before.plain))
      : jobs.make(jobKey(session.account, 'import', id), clock.now, queuedJob(id, 'import', IMPORT_UNIT), { input });
    await writeTogether(session, [await jobs.put(session, job)]);
    await putObject(session, uploadName(session.account, id), file);
    const kind = importJob({ provision: of.provision, newId, ...(how.little ? { isLongEnough: () => true } : {}) });
    const ran = await attempt(of, 'import', id, kind, how);
    const { plain, sealed } = ran.job;
    const problem = s3.objects.get(problemName(session.account, id));
    const mapping = s3.objects.get(mappingName(session.account, id));
    return {
      id,
      status: plain.status,
      progress: plain.progress,
      error: plain.status === 'failed' ? plain.error : undefined,
      problem: problem && importProblem.parse(JSON.parse(problem.toString())),
      report: importReport.optional().parse(sealed.report),
      mapping: mappingIn(mapping?.toString() ?? ''),
      histories: ran.histories,
      parts: ran.parts,
    };
  }

  return {
    database,
    s3,
    clock,
    /** What the provisioner was asked for. */
    asked,
    openAccount,
    runExport,
    runImport,
    /** Everything that rests, but for jobs, what they keep in S3 themselves, and whose turn it is. */
    state(): Record<string, string> {
      const things = Object.values(TABLES)
        .flatMap((table) => database.items(table))
        .map((item): [string, string] => [`${item.pk?.S} ${item.sk?.S}`, JSON.stringify(item)])
        .filter(([key]) => !/#JOB(?:S#|SLOTS)/.test(key));
      const objects = [...s3.objects]
        .filter(([name]) => !/\/imports\/[^/]+\/(?:upload|problem\.json)$/.test(name))
        .map(([name, bytes]): [string, string] => [name, sha256(bytes)]);
      return Object.fromEntries([...things, ...objects].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}
export type World = ReturnType<typeof openWorld>;
export type Imported = Awaited<ReturnType<World['runImport']>>;

export interface Account {
  readonly session: AccountSession;
  readonly keys: ReturnType<typeof memoryKeys>;
  readonly provision: (request: ProvisionerRequest) => Promise<{ done: true; number?: number }>;
}

export interface Exported {
  readonly id: string;
  readonly zip: Buffer;
  readonly files: ReadonlyMap<string, Buffer>;
}

async function found(session: AccountSession, kind: 'export' | 'import', id: string) {
  const job = await jobs.find(session, kind, id);
  if (!job) throw new Error('The job is gone.');
  return job;
}

function mappingIn(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => JSON.parse(line)).map(({ from, to }) => [from, to]));
}
