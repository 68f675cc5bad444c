/** Batches that fail in part: what comes again, what is counted, and who is not concerned. Over a cloud in memory, to let calls fail. */
import { randomBytes } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { decodeTime } from 'ulid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { certificateKey, revocationsKey } from '../../../shared/directory/directory-keys.ts';
import { ingestBatch } from '../../../shared/ingest/ingest-batch.ts';
import { systemSessions } from '../../../shared/keyring/system-sessions.ts';
import { unseal } from '../../../shared/platform/sealing.ts';
import { type NumberedGroup, unpackFresh } from '../../../shared/readings/fresh-block.ts';
import { keepReadings } from '../../../shared/readings/keep-readings.ts';
import { type MemoryCloud, memoryCloud } from '../../bench/cloud/memory-cloud.ts';
import { type Fleet, fleetOf } from '../../bench/load/fleet.ts';
import { openFleet } from '../../bench/load/open-fleet.ts';

const NOW = Date.parse('2026-03-02T00:00:00Z');
const TABLES = { entities: 'entities', readings: 'readings', keyring: 'keyring', audit: 'audit' };
const [north, south] = [fleetOf(1), fleetOf(2)];

/** What DynamoDB is asked, as a predicate over tests' faults. */
interface Asked {
  readonly TableName?: string;
  readonly Key?: { pk: { S: string } };
  readonly Item?: { pk: { S: string } };
}

let minted = 0;
async function setUp() {
  const clock = { now: NOW };
  const cloud = memoryCloud();
  const deps = {
    db: cloud.db,
    kms: cloud.kms,
    s3: cloud.s3,
    tables: TABLES,
    masterKeyId: 'master',
    recoveryKeyId: 'recovery',
    keyringBucket: 'keyring',
    archiveBucket: '',
    directory: { db: cloud.db, table: 'directory' },
    now: () => clock.now,
    announce: async () => undefined,
    newBlockId: () => String(++minted).padStart(26, '0'),
  };
  for (const fleet of [north, south]) await openFleet(deps, fleet);
  let fails: (asked: Asked) => boolean = () => false;
  cloud.db.middlewareStack.add(
    (next) => async (args) => {
      if (fails(args.input as Asked)) throw new Error('A test asked for this failure.');
      return next(args);
    },
    { step: 'initialize' },
  );
  const session = systemSessions(deps);
  return {
    clock,
    directory: deps.directory,
    cloud,
    session,
    run: ingestBatch(deps),
    failWhere(condition: (asked: Asked) => boolean) {
      fails = condition;
    },
    /** All readings of an account, block by block. */
    async blocks({ account }: Fleet): Promise<NumberedGroup[][]> {
      const own = storedBlocks(cloud).filter(({ pk }) => pk.startsWith(`A#${account}#`));
      return Promise.all(
        own.map(async ({ pk, sk, sealed }) => {
          const day = new Date(decodeTime(sk.split('#')[2] ?? '')).toISOString().slice(0, 10);
          const key = await session(account).keys.open({ product: pk.split('#')[3] ?? '', day });
          return unpackFresh(unseal(key, { account, store: 'fresh-blocks', pk, sk }, sealed), {});
        }),
      );
    },
  };
}

const wireItem = z.object({
  pk: z.object({ S: z.string() }),
  sk: z.object({ S: z.string() }),
  s: z.object({ B: z.base64() }),
});

const storedBlocks = (cloud: MemoryCloud) =>
  cloud.items('readings').map((item) => {
    const { pk, sk, s } = wireItem.parse(item);
    return { pk: pk.S, sk: sk.S, sealed: Buffer.from(s.B, 'base64') };
  });

let sent = 0;
function delivery({ account, product, stations }: Fleet, payload: unknown, station = 0) {
  sent += 1;
  const { device = '', certificate = '' } = stations[station] ?? {};
  const body = {
    payload: Buffer.from(JSON.stringify(payload)).toString('base64'),
    topic: `dt/${account}/${product}/${device}/telemetry`,
    receivedAt: NOW,
    messageId: `m${sent}`,
    principal: certificate,
  };
  return { messageId: `d${sent}`, body: JSON.stringify(body), sentAt: NOW };
}

const values = (blocks: NumberedGroup[][]) => blocks.flat().flatMap(({ rows }) => rows.map(({ value }) => value));

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

/** What was counted, over all metric lines. */
function counted() {
  const metrics = lines.map((line) => JSON.parse(line)).filter((line) => line._aws);
  const sum = (name: string) => metrics.reduce((total, line) => total + (line[name] ?? 0), 0);
  return [sum('ReadingsStored'), sum('ReadingsUncollected'), sum('MessagesRejected')];
}

describe('a batch that fails in part', () => {
  it('has only what failed come again, and counts each message once, when it is done with', async () => {
    const { run, failWhere, blocks } = await setUp();
    const [good, bad] = [delivery(north, [1, 2]), delivery(south, [3, { ts: 'bad' }])];
    failWhere(({ TableName, Item }) => TableName === 'readings' && !!Item?.pk.S.startsWith(`A#${south.account}#`));
    expect(await run([good, bad])).toEqual({ failed: [bad.messageId] });
    expect(values(await blocks(north))).toEqual([1, 2]);
    expect(counted()).toEqual([2, 0, 0]);
    failWhere(() => false);
    expect(await run([bad])).toEqual({ failed: [] });
    expect(values(await blocks(south))).toEqual([3]);
    expect(counted()).toEqual([3, 0, 1]);
  });

  it('has a rejection come again that could not be listed', async () => {
    const { run, failWhere, cloud } = await setUp();
    const bad = delivery(north, [1, { ts: 'bad' }]);
    failWhere(({ Item }) => Item?.pk.S === `A#${north.account}#REJECTED`);
    expect(await run([bad])).toEqual({ failed: [bad.messageId] });
    failWhere(() => false);
    await run([bad]);
    await run([bad]);
    const listed = cloud.items('entities').filter(({ pk }) => (pk as { S: string }).S.endsWith('#REJECTED'));
    expect(listed).toHaveLength(1);
  });

  it('spares the other accounts when one account’s instructions can’t be read', async () => {
    const { run, failWhere, blocks } = await setUp();
    failWhere(({ TableName, Key }) => TableName === 'entities' && !!Key?.pk.S.startsWith(`A#${south.account}#`));
    const [good, waiting] = [delivery(north, 1), delivery(south, 2)];
    expect(await run([waiting, good])).toEqual({ failed: [waiting.messageId] });
    expect(values(await blocks(north))).toEqual([1]);
    expect(counted()).toEqual([1, 0, 0]);
  });

  it('has what our rule did not write come again, for the dead letters', async () => {
    const { run, blocks } = await setUp();
    const strange = [
      { ...delivery(north, 1), body: 'not json' },
      { ...delivery(north, 1), body: '{}' },
    ];
    const good = delivery(north, 2);
    expect(await run([...strange, good])).toEqual({ failed: strange.map(({ messageId }) => messageId) });
    expect(values(await blocks(north))).toEqual([2]);
  });

  it('lets go of what is nobody’s, and counts it', async () => {
    const { run } = await setUp();
    expect(await run([delivery(fleetOf(3), 1)])).toEqual({ failed: [] });
    expect(counted()).toEqual([0, 0, 1]);
  });
});

describe('a revoked certificate', () => {
  it('is refused after 15 seconds; before that, nothing is asked about certificates again', async () => {
    const { run, clock, cloud, directory, blocks } = await setUp();
    const before = delivery(south, 1, 1);
    await run([delivery(south, 0), before]);
    const certificate = south.stations[1]?.certificate ?? '';
    // As the provisioner does, over a table in memory that knows no updates.
    const { pk, sk } = certificateKey(certificate);
    cloud.remove('directory', pk, sk);
    const count = { ...revocationsKey(south.account), n: 1 };
    await directory.db.send(new PutItemCommand({ TableName: directory.table, Item: marshall(count) }));

    clock.now += 14_999;
    cloud.resetTally();
    await run([delivery(south, 2, 1)]);
    // The version of the instructions and the block: all else is believed.
    expect(cloud.tally.requests).toBe(2);
    clock.now += 1;
    await run([delivery(south, 3, 1), delivery(south, 4)]);
    expect(values(await blocks(south)).sort()).toEqual([0, 1, 2, 4]);
    expect(counted()).toEqual([4, 0, 1]);
  });
});

describe('readings that are large', () => {
  const noise = (bytes: number) => randomBytes(bytes).toString('base64').slice(0, bytes);
  const row = (value: string) => ({ ts: NOW, receivedAt: NOW, value });
  const group = (device: string, rows: ReturnType<typeof row>[]) => ({ device, stream: 's', buckets: ['b'], rows });
  const newBlockId = () => String(++minted).padStart(26, '0');
  const numbers = new Map(['d1', 'd2', 'd3'].map((device, i) => [device, i + 1]));

  it('are split over as many blocks as they need', async () => {
    const { cloud, session, blocks } = await setUp();
    const rows = Array.from({ length: 8 }, () => row(noise(130_000)));
    const groups = [group('d1', rows.slice(0, 3)), group('d2', []), group('d3', rows.slice(3))];
    const kept = { product: north.product, groups, numbers };
    expect(await keepReadings(session(north.account), kept, newBlockId)).toEqual([]);
    const stored = await blocks(north);
    expect(stored.length).toBeGreaterThan(1);
    expect(values(stored).sort()).toEqual(rows.map(({ value }) => value).sort());
    expect(stored.flat().find(({ number }) => number === 1)?.buckets).toEqual(['b']);
    for (const { sealed } of storedBlocks(cloud)) expect(sealed.length).toBeLessThan(400 * 1024);
  });

  it('are refused alone where no block can hold them', async () => {
    const { session, blocks } = await setUp();
    const [small, huge] = [row('small'), row(noise(700_000))];
    const groups = [group('d1', [small, huge]), group('d2', [row('other')])];
    const kept = { product: north.product, groups, numbers };
    expect(await keepReadings(session(north.account), kept, newBlockId)).toEqual([huge]);
    expect(values(await blocks(north)).sort()).toEqual(['other', 'small']);
  });

  it('are listed as too large, and never hold up their batch', async () => {
    const { run, cloud, blocks } = await setUp();
    const large = delivery(north, [noise(700_000), 'small']);
    const neighbour = delivery(north, 'neighbour');
    expect(await run([large, neighbour])).toEqual({ failed: [] });
    expect(values(await blocks(north)).sort()).toEqual(['neighbour', 'small']);
    expect(counted()).toEqual([2, 0, 1]);
    const [listed] = cloud.items('entities').filter(({ pk }) => (pk as { S: string }).S.endsWith('#REJECTED'));
    expect(listed?.reason).toEqual({ S: 'too-large' });
  });
});
