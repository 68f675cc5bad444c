/** Exports as jobs, in this process, over a store and an S3 in memory: run to their end, and taken apart. */
import { type ExportInput, exportReport } from '../../../shared/export/export.ts';
import { exportJob } from '../../../shared/export/run-export.ts';
import { queuedJob } from '../../../shared/job/job.ts';
import type { JobEvent } from '../../../shared/job/job-event.ts';
import { jobKey } from '../../../shared/job/job-keys.ts';
import { jobs } from '../../../shared/job/job-store.ts';
import { runJob } from '../../../shared/job/run-job.ts';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import { newId } from '../../../shared/platform/ids.ts';
import { sha256, unzipped } from '../../support/archives.ts';
import { kindsWith } from '../../support/job-kinds.ts';
import { memoryS3 } from '../../support/memory-s3.ts';
import { execution } from '../job/memory-durable.ts';
import { openStore } from '../readings/compaction/store.ts';

interface Options {
  /** Every step ends after a day. */
  readonly isByDay?: boolean;
  /** Every step is killed before its answer is kept, and done again. */
  readonly isKilled?: boolean;
  /** Operations of an execution, before another one goes on. */
  readonly operationsAPart?: number;
}

export async function openExports(start: number) {
  const store = await openStore(start);
  const s3 = memoryS3();
  const session: AccountSession = { ...store.session, s3: s3.client, archiveBucket: 'archives' };
  const { account } = session;

  async function run(of: Partial<ExportInput> & Pick<ExportInput, 'format'>, options: Options = {}) {
    const { isByDay, isKilled, ...parts } = options;
    const id = newId('export');
    const input: ExportInput = { scope: { account: true }, cut: store.clock.now, kinds: ['readings'], ...of };
    const made = jobs.make(jobKey(account, 'export', id), start, queuedJob(id, 'export', 'readings'), { input });
    await writeTogether(session, [await jobs.put(session, made)]);
    // By their part: a second start of one changes nothing.
    const started = new Map<number, JobEvent>();
    const job = exportJob({ waitingMessages: async () => 0, isEnough: () => isByDay === true });
    const code = runJob({
      kinds: kindsWith({ export: job }),
      openSession: async () => session,
      startExecution: async (event) => void started.set(event.part, JSON.parse(JSON.stringify(event))),
      now: () => store.clock.now,
      ...parts,
    });
    const history: string[] = [];
    const first: JobEvent = { account, kind: 'export', job: id, attempt: 1, part: 1, order: 'order' };
    for (let event: JobEvent | undefined = first; event; event = started.get(event.part + 1)) {
      const one = execution((durable) =>
        code(event, {
          ...durable,
          step: (name, work) =>
            durable.step(name, async () => {
              if (isKilled) await work();
              return work();
            }),
        }),
      );
      await one.run();
      history.push(...one.history.map((kept) => JSON.stringify(kept)));
    }
    const ended = await jobs.find(session, 'export', id);
    if (ended?.plain.status !== 'succeeded') throw new Error(`It is ${ended?.plain.status}.`);
    const prefix = `accounts/${account}/exports/${id}/`;
    const left = [...s3.objects.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
    const zip = s3.objects.get(`${prefix}archive.zip`) ?? Buffer.alloc(0);
    const files = await unzipped(zip);
    return {
      zip,
      files,
      /** By name. */
      hashes: Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)])),
      text: (name: string) => files.get(name)?.toString(),
      description: JSON.parse(files.get('datapackage.json')?.toString() ?? 'null'),
      report: exportReport.parse(ended.sealed.report),
      /** What Lambda would have kept. */
      history,
      /** Names of objects that are left, without their prefix. */
      left,
    };
  }

  return { store, run };
}
