/** Whatever comes in, in whatever order, and whatever happens to compaction meanwhile: every answer is that of a plain list. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Group } from '../../../../shared/readings/codec/block.ts';
import { PATIENCE_MS } from '../../../support/effort.ts';
import { deviceId } from './store.ts';
import { DAY, HOUR, MINUTE, openWorld, type Question, START, type World } from './world.ts';

// A deletion that waits for a compaction's lease does so in the world's own time.
vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

/** Histories are long: one for fifty inputs of a plain property. */
const HISTORIES = Math.ceil(Number(process.env.CUSTODIA_RUNS ?? 200) / 100);
const SECOND = 1000;
const STREAMS = ['telemetry', 'events'] as const;

interface Command {
  readonly run: (world: World) => Promise<void>;
  toString(): string;
}
const command = (name: string, given: unknown, run: Command['run']): Command => ({
  run,
  toString: () => `${name} ${JSON.stringify(given)}`,
});

const device = fc.constantFrom(0, 1, 2);
const stream = fc.constantFrom(...STREAMS);

/** Readings of one device: how long before or after now, one every so many ms. */
const sent = fc.record({
  device,
  stream,
  buckets: fc.constantFrom([0], [1], [0, 1]),
  // Many fill an hour block.
  count: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) },
    { weight: 2, arbitrary: fc.integer({ min: 95, max: 130 }) },
  ),
  ago: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: MINUTE }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 3 * DAY }) },
    { weight: 1, arbitrary: fc.integer({ min: 395 * DAY, max: 402 * DAY }) },
    { weight: 1, arbitrary: fc.integer({ min: -DAY, max: 0 }) },
    // The same hours again and again, on the edge of an hour and of a day.
    {
      weight: 2,
      arbitrary: fc.constantFrom('2026-10-24T23:59:59.990Z', '2026-10-25T00:30:00Z', '2026-10-23T10:00:00Z'),
    },
  ),
  step: fc.constantFrom(0, 1, SECOND, 20 * SECOND, 11 * MINUTE),
  value: fc.integer({ min: 0, max: 9 }),
  reversed: fc.boolean(),
  twice: fc.boolean(),
});

const ingest = fc
  .record({ groups: fc.array(sent, { minLength: 1, maxLength: 4 }), age: fc.integer({ min: 0, max: 30 * SECOND }) })
  .map(({ groups, age }) =>
    command('ingest', { groups, age }, async (world) => {
      const { clock, store } = world;
      const made = groups.flatMap((of): Group[] => {
        const first = typeof of.ago === 'string' ? Date.parse(of.ago) : clock.now - of.ago;
        const rows = Array.from({ length: of.count }, (_, i) => ({
          ts: Math.min(Math.max(first + i * of.step, 0), clock.now + DAY),
          receivedAt: clock.now,
          value: i % 7 === 6 ? of.value : { a: (of.value + (i % 3)) / 10, b: { c: i % 5 }, on: 'x' },
        }));
        const buckets = of.buckets.map((n) => store.buckets[n] as string);
        const group = {
          device: deviceId(of.device),
          stream: of.stream,
          buckets,
          rows: of.reversed ? rows.toReversed() : rows,
        };
        return of.twice ? [group, group] : [group];
      });
      await world.ingest(made, age);
    }),
  );

const move = fc
  .oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 90 }).map((n) => n * MINUTE) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 30 }).map((n) => n * HOUR) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }).map((n) => n * DAY) },
  )
  .map((ms) =>
    command('move', `${ms / MINUTE} min`, async (world) => {
      world.clock.now += ms;
    }),
  );

const work = fc
  .oneof(
    { weight: 3, arbitrary: fc.constant({ kind: 'sweep' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'compact' as const }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('killed' as const), n: fc.integer({ min: 0, max: 200 }) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'twice' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'no time' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'expire' as const }) },
  )
  .map((of) =>
    command('work', of, async (world) => {
      if (of.kind === 'sweep') await world.sweep();
      else if (of.kind === 'compact') await world.compact();
      else if (of.kind === 'killed') await world.compactKilled(of.n);
      else if (of.kind === 'twice') await world.compactTwice();
      else if (of.kind === 'no time') await world.compact(world.clock.now - 1);
      else if (of.kind === 'restart') world.store.restart();
      else await world.expire();
    }),
  );

const time = fc.oneof(
  fc.integer({ min: START - 3 * DAY, max: START + 8 * DAY }),
  fc.integer({ min: -3 * 24, max: 8 * 24 }).map((n) => Math.floor(START / HOUR) * HOUR + n * HOUR),
  fc.constant(undefined),
);
const question: fc.Arbitrary<Question> = fc
  .record({
    bucket: fc.constantFrom(0, 1),
    device: fc.option(device, { nil: undefined }),
    stream: fc.option(stream, { nil: undefined, freq: 2 }),
    times: fc.tuple(time, time),
    order: fc.constantFrom('asc' as const, 'desc' as const),
    limit: fc.constantFrom(17, 100, 1000),
  })
  .map(({ times: [a, b], ...rest }) => {
    const isBackward = a !== undefined && b !== undefined && a > b;
    return { ...rest, from: isBackward ? b : a, to: isBackward ? a : b };
  });

const deletion = question.map(({ order: _, limit: __, ...range }) =>
  command('delete', range, (world) => world.deleteRange(range)),
);

const ask = fc
  .oneof(
    { weight: 3, arbitrary: question.map((of) => ({ kind: 'readings' as const, of })) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('rows' as const),
        of: question,
        every: fc.constantFrom('1h', '6h', '1d', '15m'),
        timeZone: fc.constantFrom('UTC', 'Europe/Madrid', 'Asia/Kolkata'),
      }),
    },
    { weight: 1, arbitrary: question.map((of) => ({ kind: 'newest' as const, of })) },
  )
  .map((asked) =>
    command('ask', asked, async (world) => {
      const { answered, expected } =
        asked.kind === 'readings'
          ? await world.readings(asked.of)
          : asked.kind === 'rows'
            ? await world.rows(asked.of, asked)
            : await world.newest(asked.of);
      expect(answered).toEqual(expected);
    }),
  );

const history = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: ingest },
    { weight: 3, arbitrary: move },
    { weight: 4, arbitrary: work },
    { weight: 5, arbitrary: ask },
    { weight: 2, arbitrary: deletion },
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
);

/** Longer without a compaction, and fresh blocks would expire; see `hurt` of the sweeper. */
const LONGEST_MS = 9 * DAY;

async function live(commands: readonly Command[]): Promise<void> {
  const world = await openWorld();
  let swept = world.clock.now;
  const catchUp = async () => {
    // Past any lease that a dead function holds, and past the hour into which somebody put it off meanwhile.
    for (let i = 0; i < 3; i++) {
      world.clock.now += 65 * MINUTE;
      await world.sweep();
    }
    swept = world.clock.now;
  };
  for (const one of commands) {
    await one.run(world);
    if (world.clock.now - swept > LONGEST_MS - 4 * DAY) await catchUp();
  }
  // In the end everything is in blocks: what was fresh has expired, and its keys with it.
  for (let day = 0; day < 5; day++) {
    await catchUp();
    world.clock.now += DAY;
  }
  world.clock.now += 14 * DAY;
  await world.expire();
  world.store.restart();
  for (const bucket of [0, 1]) {
    for (const order of ['asc', 'desc'] as const) {
      const { answered, expected } = await world.readings({ bucket, order, limit: 1000 });
      expect(answered).toEqual(expected);
    }
    for (const only of [undefined, 0, 1, 2]) {
      const { answered, expected } = await world.rows(
        { bucket, device: only, order: 'asc', limit: 1000 },
        { every: '1d', timeZone: 'Europe/Madrid' },
      );
      expect(answered).toEqual(expected);
    }
  }
  expect(world.keyDays()).toEqual([]);
}

describe('a product’s history', () => {
  it('is readable at any point as if it were a list', { timeout: PATIENCE_MS }, async () => {
    await fc.assert(fc.asyncProperty(history, live), {
      numRuns: HISTORIES,
      endOnFailure: Boolean(process.env.CUSTODIA_QUICK),
    });
  });
});
