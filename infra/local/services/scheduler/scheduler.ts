/**
 * EventBridge Scheduler on a laptop: invokes functions of the template by the host's clock. It owns when each schedule runs next
 * and the runs that are not delivered yet (one SQLite file), reaches functions only by sending them an event, and asks the
 * `Authority` with the schedule's own role.
 *
 * Unlike AWS: runs that were missed, because the host was not running or its clock was moved forward, become one run, for the
 * first of them; a job that must do more reads what is due from its data. A run comes at the second, not somewhere in the minute.
 */
import type { ResourceProvider, ServiceContext } from '../../contract.ts';
import { bury, type DeliveryParts, deliver, isPermanent } from './deliver.ts';
import type { Schedule } from './schedule.ts';
import { scheduleGroupProvider, scheduleProvider } from './schedule-provider.ts';
import { type Delivery, openScheduleStore } from './schedule-store.ts';

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 300_000;
/** A moved clock is told to the scheduler; this is only for a clock that somebody moved without saying so. */
const LONGEST_TIMER_MS = 60_000;

export type SchedulerOptions = Omit<DeliveryParts, 'authority'>;

export interface Scheduler {
  readonly providers: readonly ResourceProvider[];
  /** Begins to run: call it once everything of the template exists. */
  start(): void;
  /** Call it after the host's clock was moved. */
  clockMoved(): void;
  /** Runs a schedule now, by its name or by the name of its function; answers how many there are. */
  runNow(name: string): number;
  close(): Promise<void>;
}

export function createScheduler(ctx: ServiceContext, options: SchedulerOptions): Scheduler {
  const store = openScheduleStore(ctx.dir);
  const parts: DeliveryParts = { ...options, authority: ctx.authority };
  const schedules = new Map<string, Schedule>();
  const burials = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let started = false;

  function add(schedule: Schedule): void {
    // AWS refuses to make one whose role it can't take.
    parts.assume(schedule.roleArn, schedule.groupArn);
    schedules.set(schedule.arn, schedule);
    const { arn, settings } = schedule;
    if (store.timing(arn)?.settings === settings) return;
    const anchor = ctx.clock.now();
    store.keep(arn, { settings, anchor, next_at: nextRun(schedule, anchor - 1, anchor) });
  }

  function wake(): void {
    if (!started) return;
    const now = ctx.clock.now();
    for (const schedule of schedules.values()) runIfDue(schedule, now);
    for (const delivery of store.due(now)) attempt(delivery, now);
    clearTimeout(timer);
    const next = store.nextAt();
    if (next === undefined) return;
    timer = setTimeout(wake, Math.min(Math.max(0, next - ctx.clock.now()), LONGEST_TIMER_MS)).unref();
  }

  function runIfDue(schedule: Schedule, now: number): void {
    const timing = store.timing(schedule.arn);
    if (!timing || timing.next_at === null) return;
    const next = nextRun(schedule, now, timing.anchor);
    if (timing.next_at <= now) store.run(schedule.arn, timing.next_at, now, next);
    // The clock was moved back: what was next is now far away.
    else if (next !== null && next < timing.next_at) store.keep(schedule.arn, { ...timing, next_at: next });
  }

  function attempt(delivery: Delivery, now: number): void {
    const schedule = schedules.get(delivery.schedule);
    if (!schedule) return;
    try {
      deliver(parts, schedule, delivery);
      store.delivered(delivery.id);
    } catch (error) {
      const dueAt = now + Math.min(FIRST_RETRY_MS * 2 ** delivery.attempts, LONGEST_RETRY_MS);
      const exhausted = delivery.attempts + 1 >= schedule.maximumAttempts;
      const tooOld = dueAt - delivery.scheduled_at > schedule.maximumAgeMs;
      ctx.log(`${schedule.name}: ${error instanceof Error ? error.message : String(error)}`);
      if (exhausted || tooOld || isPermanent(error)) giveUp(schedule, delivery);
      else store.postpone(delivery.id, dueAt);
    }
  }

  function giveUp(schedule: Schedule, delivery: Delivery): void {
    store.delivered(delivery.id);
    ctx.log(`${schedule.name}: a run is given up after ${delivery.attempts + 1} attempts`);
    const burial = bury(parts, schedule, delivery)
      .catch((error: unknown) => ctx.log(`${schedule.name}: the dead-letter queue was not reached: ${String(error)}`))
      .finally(() => burials.delete(burial));
    burials.add(burial);
  }

  return {
    providers: [scheduleProvider(ctx, add), scheduleGroupProvider(ctx)],
    start() {
      store.retain([...schedules.keys()]);
      started = true;
      wake();
    },
    clockMoved: wake,
    runNow(name) {
      const now = ctx.clock.now();
      const meant = ({ functionArn, ...schedule }: Schedule) =>
        [schedule.name, functionArn.split(':')[6]].includes(name);
      const found = [...schedules.values()].filter(meant);
      for (const { arn } of found) store.run(arn, now, now, store.timing(arn)?.next_at ?? null);
      wake();
      return found.length;
    },
    async close() {
      started = false;
      clearTimeout(timer);
      await Promise.all(burials);
      store.close();
    },
  };
}

const nextRun = ({ enabled, timetable }: Schedule, after: number, anchor: number): number | null =>
  (enabled ? timetable.next(after, anchor) : undefined) ?? null;
