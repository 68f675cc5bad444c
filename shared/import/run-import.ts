/**
 * The kind of job that imports are. Of an archive: all of it is checked, then its things are made, then its readings are brought in;
 * each in steps that may be done twice. Of a Thinger.io bucket: all rows are checked, then brought in.
 */
import * as z from 'zod';
import { DomainError } from '../api/errors.ts';
import { objectSize, putObject, removeObject } from '../archive/objects.ts';
import { defineJob, type JobContext, type StepHands } from '../job/define-job.ts';
import type { NewId } from '../platform/ids.ts';
import type { Provision } from '../provisioning/provisioner-protocol.ts';
import { type Bag, decompressedLimit, openBag } from './bag.ts';
import { checkFiles, checkPlace } from './check-archive.ts';
import { createReadings, type ReadingsDone } from './create-readings.ts';
import { createSome, KINDS_OF_THINGS, kindOfThings } from './create-things.ts';
import { IMPORT_UNIT, type ImportInput, type ImportReport, importInput, importReport, NOTHING } from './import.ts';
import { problemOf } from './import-error.ts';
import { problemName, uploadName } from './import-objects.ts';
import { checkRows, importRows, rowsPlace } from './import-thinger.ts';
import { writeMapping } from './mapping.ts';

const place = z.discriminatedUnion('at', [
  checkPlace.extend({ at: z.literal('check') }),
  z.strictObject({
    at: z.literal('things'),
    kind: kindOfThings,
    done: z.int(),
    readings: z.int(),
    report: importReport,
  }),
  z.strictObject({ at: z.literal('readings'), files: z.int(), report: importReport }),
  rowsPlace.extend({ at: z.literal('rows') }),
]);
type Place = z.output<typeof place>;

export interface ImportDeps {
  readonly provision: Provision;
  readonly newId: NewId;
  /** Whether a step has worked for so many milliseconds that another shall go on. Default: after 20 seconds. */
  readonly isLongEnough?: (ms: number) => boolean;
}

const EMPTY: ImportReport = { created: NOTHING, unchanged: NOTHING, kept: NOTHING, expired: 0 };
const REFUSED = 'The file can’t be imported: `problem` says why. Nothing was changed.';

type Hands = StepHands<ImportInput>;

/** Work on the file: what is wrong with it is kept beside it, for whoever uploaded it, and ends the job. */
async function onFile<T>({ session, job }: Hands, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const problem = problemOf(error);
    if (!problem) throw error;
    await putObject(session, problemName(session.account, job), JSON.stringify(problem));
    throw new DomainError('validation', REFUSED);
  }
}

export const importJob = (deps: ImportDeps) => {
  const stopwatch = () => {
    const begun = performance.now();
    const isLongEnough = deps.isLongEnough ?? ((ms: number) => ms >= 20_000);
    return () => isLongEnough(performance.now() - begun);
  };
  const onBag = (hands: Hands, work: (bag: Bag) => Promise<Place | undefined>) =>
    onFile(hands, async () => work(await openBag(hands.session, hands.job, hands.input.size)));

  /** One step on; `undefined`: all is done. */
  const goOn = (hands: Hands, at: Place): Promise<Place | undefined> => {
    const { session, input, job, now } = hands;
    const isEnough = stopwatch();
    switch (at.at) {
      case 'check':
        return onBag(hands, async (bag) => {
          const { at: _, ...from } = at;
          const checked = await checkFiles(bag, from, { most: decompressedLimit(input.size), now, isEnough });
          if (checked.files < bag.files.length) return { at: 'check', ...checked };
          const [kind] = KINDS_OF_THINGS;
          return { at: 'things', kind, done: 0, readings: checked.readings, report: EMPTY };
        });
      case 'things':
        return onBag(hands, (bag) => createThings(deps, hands, bag, at, isEnough));
      case 'readings':
        return onBag(hands, async (bag) => {
          const done = await createReadings(session, bag, { run: runOf(hands), from: at.files, now, isEnough });
          const report = withReadings(at.report, done);
          return { at: 'readings', files: done.isAll ? bag.files.length + 1 : done.files, report };
        });
      case 'rows':
        return onFile(hands, async () => {
          const { at: _, ...from } = at;
          const source = { session, job, input, now };
          const next = from.checked ? await importRows(source, from, isEnough) : await checkRows(source, from);
          return next && { at: 'rows', ...next };
        });
    }
  };

  return defineJob({
    unit: IMPORT_UNIT,
    input: importInput,
    place,
    async run(ctx, from) {
      let at: Place = from ?? (await ctx.step('begin', begin));
      const total = await ctx.step('count', (hands) => countFiles(hands));
      for (;;) {
        const reached = at;
        const step = await ctx.step(nameOf(reached), async (hands) => ({ next: await goOn(hands, reached) }));
        const next = step.next && place.parse(step.next);
        if (!next || isEnd(next, total)) return finish(ctx, next ?? reached, total);
        at = next;
        ctx.progress(filesOf(at, total), 2 * total);
        await ctx.mark(at);
      }
    },
  });
};

async function begin({ session, job, input }: Hands): Promise<Place> {
  await removeObject(session, problemName(session.account, job));
  const size = await objectSize(session, uploadName(session.account, job));
  if (size !== input.size) throw new DomainError('conflict', 'The file was not uploaded: start the import once it is.');
  if (input.source.format === 'thinger-csv') return { at: 'rows', checked: false, rows: 0, report: EMPTY };
  return { at: 'check', files: 0, bytes: 0, readings: 0 };
}

/** Names this start of the import: what it makes is its own, whatever interrupts it. */
const runOf = ({ job, input }: Hands) => `${job} ${input.startedAt}`;

const countFiles = (hands: Hands): Promise<number> =>
  hands.input.source.format === 'thinger-csv'
    ? Promise.resolve(1)
    : onFile(hands, async () => (await openBag(hands.session, hands.job, hands.input.size)).files.length);

const nameOf = ({ at }: Place) => (at === 'check' ? 'check' : at === 'things' ? 'make things' : 'bring in readings');
/** Each file is checked, then brought in. */
const filesOf = (at: Place, total: number) =>
  at.at === 'check' ? at.files : at.at === 'readings' ? total + Math.min(at.files, total) : total;
const isEnd = (at: Place, total: number) => at.at === 'readings' && at.files > total;

async function createThings(
  deps: ImportDeps,
  hands: Hands,
  bag: Bag,
  at: Extract<Place, { at: 'things' }>,
  isEnough: () => boolean,
): Promise<Place> {
  const { session, input, order } = hands;
  const { dryRun, rights } = input;
  const report = structuredClone(at.report) as Mutable<ImportReport>;
  const creating = {
    ...deps,
    session,
    bag,
    dryRun,
    run: runOf(hands),
    order,
    mayWriteAccount: rights.includes('account.write'),
  };
  const { done, isAll } = await createSome(creating, at, {
    isEnough,
    count: (fate, of) => {
      report[fate][of] += 1;
    },
  });
  if (!isAll) return { ...at, done, report };
  const kind = KINDS_OF_THINGS[KINDS_OF_THINGS.indexOf(at.kind) + 1];
  if (kind) return { ...at, kind, done: 0, report };
  if (!dryRun) return { at: 'readings', files: 0, report };
  // A dry run looks into no block: it says what the archive holds.
  report.created.readings = at.readings;
  return { at: 'readings', files: bag.files.length + 1, report };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };

const withReadings = (
  report: ImportReport,
  done: Pick<ReadingsDone, 'created' | 'unchanged' | 'kept' | 'expired'>,
): ImportReport => ({
  ...report,
  created: { ...report.created, readings: report.created.readings + done.created },
  unchanged: { ...report.unchanged, readings: report.unchanged.readings + done.unchanged },
  kept: { ...report.kept, readings: report.kept.readings + done.kept },
  expired: report.expired + done.expired,
});

async function finish(ctx: JobContext<ImportInput>, at: Place, total: number): Promise<void> {
  if (at.at !== 'readings' && at.at !== 'rows') throw new Error('An import ended before its end.');
  await ctx.step('write mapping', async ({ session, job, input }) => {
    if (input.source.format === 'archive' && !input.dryRun)
      await writeMapping(session, job, await openBag(session, job, input.size));
    return undefined;
  });
  ctx.progress(2 * total, 2 * total);
  ctx.report(at.report);
}
