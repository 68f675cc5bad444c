/** The kind of job that exports are: files or tables into parts of an object, step by step, then the description of them all. */
import * as z from 'zod';
import { finishBag } from '../archive/bag.ts';
import { ArchiveOfJob, type WritingPlace, writingPlace } from '../archive/writing.ts';
import { defineJob, type StepHands } from '../job/define-job.ts';
import { isoTime } from '../platform/clock.ts';
import { ARCHIVE_BEGINNING, archiveFiles, archivePlace } from './archive-files.ts';
import { coverage } from './coverage.ts';
import { EXPORT_UNIT, type ExportInput, exportInput } from './export.ts';
import { tablesPackage } from './tables-package.ts';
import { TABLES_BEGINNING, tablePlace, writeTables } from './write-tables.ts';

const place = writingPlace.extend({
  next: z.discriminatedUnion('at', [...archivePlace.options, tablePlace]),
  /** Messages that were on their way in at the cut. */
  waiting: z.int(),
});
type Place = z.output<typeof place>;

/** What a step has written since it began. */
export interface StepSize {
  readonly files: number;
  readonly bytes: number;
  readonly ms: number;
}

export interface ExportDeps {
  /** Messages of devices that are not stored yet, of all accounts. */
  readonly waitingMessages: () => Promise<number>;
  /** Whether a step has done enough, and another shall go on. Default: after 20 seconds, 64 MiB, or 5,000 files. */
  readonly isEnough?: (size: StepSize) => boolean;
}

const enough = ({ files, bytes, ms }: StepSize) => files >= 5000 || bytes >= 64 * 1024 * 1024 || ms >= 20_000;

export const exportJob = (deps: ExportDeps) =>
  defineJob({
    unit: EXPORT_UNIT,
    input: exportInput,
    place,
    async run(ctx, from) {
      let at = from;
      if (!at) {
        const isEarly = await ctx.step('look', async ({ input, now }) => now < input.cut);
        // Whatever is received until the cut can be inside only if it is read after it.
        if (isEarly) await ctx.wait('for the cut', 1);
        at = await ctx.step('begin', async ({ session, job, input }) => ({
          ...(await new ArchiveOfJob(session, job).begin()),
          next: input.format === 'archive' ? ARCHIVE_BEGINNING : TABLES_BEGINNING,
          waiting: await deps.waitingMessages(),
        }));
      }
      while (at.next.at !== 'end') {
        const begun: Place = at;
        at = await ctx.step('write', (hands) => writeSome(hands, begun, deps.isEnough ?? enough));
        ctx.progress(at.rows, 0);
        await ctx.mark(at);
      }
      const written = at;
      await ctx.step('finish', (hands) => finish(hands, written));
      const sum = await ctx.step('verify', ({ session, job }) => new ArchiveOfJob(session, job).checksum());
      await ctx.step('tidy', async ({ session, job }) => void (await new ArchiveOfJob(session, job).tidy()));
      ctx.progress(written.rows, written.rows);
      ctx.report({ ...sum, files: written.files, rows: written.rows, waiting: written.waiting });
    },
    cleanUp: ({ session, job }) => new ArchiveOfJob(session, job).discard(),
  });

async function writeSome(
  { session, job, input }: StepHands<ExportInput>,
  at: Place,
  isEnough: (size: StepSize) => boolean,
): Promise<Place> {
  const begun = performance.now();
  const isDone = (size: Omit<StepSize, 'ms'>) => isEnough({ ...size, ms: performance.now() - begun });
  const archive = new ArchiveOfJob(session, job);
  let { next } = at;
  const written = await archive.write(writingOf(at), async (add, tables) => {
    if (next.at === 'tables') {
      const hands = { tables, note: await archive.note(at), isEnough: () => isDone(tables.size) };
      const reached = await writeTables(session, input, next, hands);
      next = reached.next;
      return reached.note;
    }
    let size = { files: 0, bytes: 0 };
    for await (const step of archiveFiles(session, input, next)) {
      if (step.file) size = await add(step.file);
      next = step.next;
      if (isDone(size)) break;
    }
    return undefined;
  });
  return { ...written, next, waiting: at.waiting };
}

const writingOf = ({ next: _, waiting: __, ...writing }: Place): WritingPlace => writing;

async function finish({ session, job, input }: StepHands<ExportInput>, at: Place): Promise<undefined> {
  const archive = new ArchiveOfJob(session, job);
  const writing = writingOf(at);
  const { account } = session;
  if (input.format !== 'archive') {
    const content = tablesPackage({ id: job, account, input }, archive.tables(writing));
    const file = { path: 'datapackage.json', kind: 'datapackage', content, rows: () => 0 };
    await archive.finish(writing, async (add) => void (await add(file)));
    return;
  }
  const found = new Map<string, { files: number; rows: number }>();
  for await (const { kind, rows } of archive.records(writing)) {
    const before = found.get(kind) ?? { files: 0, rows: 0 };
    found.set(kind, { files: before.files + 1, rows: before.rows + rows });
  }
  const info = { id: job, account, cut: isoTime(input.cut), coverage: coverage(input, found, at.waiting) };
  await archive.finish(writing, (add) => finishBag(info, () => archive.records(writing), add));
}
