/** The files that describe an archive say the truth of the others, by our own count. */
import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { finishBag } from '../../../shared/archive/bag.ts';
import { DOCUMENTS, tableSchema } from '../../../shared/archive/schemas.ts';
import { ArchiveOfJob, type FileToWrite } from '../../../shared/archive/writing.ts';
import { sha256, textsOf, unzipped } from '../../support/archives.ts';
import { memoryS3 } from '../../support/memory-s3.ts';

const JOB = 'exp_01jz8k3m5nq7r9t1v3w5x7y9z2';
const ACCOUNT = 'acc_01jz8k3m5nq7r9t1v3w5x7y9z2';
const CUT = '2026-03-04T05:06:07.000Z';
const COVERAGE = { z: 1, stores: [{ store: 'ü', state: 'exported' }] };

const file = (path: string, kind: string, lines: readonly string[], pieces = [...lines]): FileToWrite => ({
  path: `data/${path}`,
  kind,
  content: pieces,
  rows: () => lines.length,
});
const line = (n: number) => `{"ts":"${n}","value":"😀"}\n`;
const many = Array.from({ length: 30_000 }, (_, n) => line(n));

const FILES = [
  file('account.json', 'account', ['{"id":1}\n']),
  file('members.ndjson', 'members', []),
  file('products.ndjson', 'products', [line(1), line(2)]),
  file('audit/2026-03.ndjson.gz', 'audit-events', [line(3)]),
  file('readings/bkt_a/dev_A/2026-03-01.ndjson.gz', 'readings', many),
  file('readings/bkt_a/dev_B/2026-03-01.ndjson.gz', 'readings', [line(4)]),
];

async function archive(files: readonly FileToWrite[], filesAStep: number) {
  const s3 = memoryS3();
  const of = new ArchiveOfJob({ account: ACCOUNT, s3: s3.client, archiveBucket: 'archives' }, JOB);
  let place = await of.begin();
  for (let at = 0; at < files.length; at += filesAStep) {
    place = await of.write(place, async (add) => {
      for (const one of files.slice(at, at + filesAStep)) await add(one);
    });
  }
  const info = { id: JOB, account: ACCOUNT, cut: CUT, coverage: COVERAGE };
  await of.finish(place, (add) => finishBag(info, () => of.records(place), add));
  const sum = await of.checksum();
  await of.tidy();
  const [zip] = [...s3.objects.values()];
  if (s3.objects.size !== 1 || !zip) throw new Error(`There are ${s3.objects.size} objects.`);
  return { zip, sum, place };
}

let files: Map<string, Buffer>;
let texts: Map<string, string>;
let whole: Awaited<ReturnType<typeof archive>>;
beforeAll(async () => {
  whole = await archive(FILES, 2);
  files = await unzipped(whole.zip);
  texts = textsOf(files, /./);
});

const bytesOf = (name: string) => files.get(name) ?? Buffer.from(`There is no ${name}.`);
const payload = () => [...files.keys()].filter((name) => name.startsWith('data/'));
const manifestOf = (name: string) =>
  Object.fromEntries(
    (texts.get(name) ?? '')
      .split('\n')
      .slice(0, -1)
      .map((one) => [one.slice(66), one.slice(0, 64)]),
  );
const hashes = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, sha256(bytesOf(name))]));

describe('a bag', () => {
  it('says that it is one, of whom, and from when', () => {
    expect(texts.get('bagit.txt')).toBe('BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n');
    expect(texts.get('bag-info.txt')?.split('\n')).toEqual([
      'Bag-Software-Agent: Custodia',
      'Bagging-Date: 2026-03-04',
      `Custodia-Account: ${ACCOUNT}`,
      'Custodia-Archive-Version: 1',
      `External-Identifier: ${JOB}`,
      expect.stringMatching(/^Payload-Oxum: \d+\.\d+$/),
      '',
    ]);
  });

  it('counts what it carries: bytes, then files', () => {
    const bytes = payload().reduce((sum, name) => sum + bytesOf(name).length, 0);
    expect(texts.get('bag-info.txt')).toContain(`Payload-Oxum: ${bytes}.${payload().length}\n`);
  });

  it('has the hash of each file that it carries, and of each that describes it', () => {
    expect(manifestOf('manifest-sha256.txt')).toEqual(hashes(payload()));
    expect(manifestOf('tagmanifest-sha256.txt')).toEqual(hashes(['bagit.txt', 'bag-info.txt', 'manifest-sha256.txt']));
    const tags = [...files.keys()].filter((name) => !name.startsWith('data/'));
    expect(tags).toEqual(['bagit.txt', 'bag-info.txt', 'manifest-sha256.txt', 'tagmanifest-sha256.txt']);
  });

  it('carries the files as they were given, and what was said of them', () => {
    for (const { path, content } of FILES) expect(texts.get(path), path).toBe([...(content as string[])].join(''));
    expect(texts.get('data/coverage.json')).toBe('{"stores":[{"state":"exported","store":"ü"}],"z":1}\n');
    expect(whole.sum).toEqual({ bytes: whole.zip.length, sha256: sha256(whole.zip) });
    expect(whole.place).toMatchObject({ files: FILES.length, rows: 30_005, steps: 3 });
  });

  it('is the same, in however many steps it was made', async () => {
    for (const filesAStep of [1, FILES.length])
      expect((await archive(FILES, filesAStep)).zip.equals(whole.zip)).toBe(true);
  });
});

describe('its bytes', () => {
  const LINES = Array.from({ length: 4000 }, () => `${JSON.stringify(randomBytes(40).toString('hex'))}\n`);
  const BYTES = Buffer.from(LINES.join(''));

  /** The same in pieces of other sizes, at other times: none of it may be seen. */
  async function* slowly(size: number, pause: () => Promise<unknown>) {
    for (let at = 0; at < BYTES.length; at += size) {
      yield BYTES.subarray(at, at + size);
      await pause();
    }
    await pause();
  }
  const inTurn = () => new Promise((resolve) => setImmediate(resolve));
  const later = () => new Promise((resolve) => setTimeout(resolve, 2));

  it('depend on neither how a file’s content comes nor when', async () => {
    const of = async (contents: () => FileToWrite['content']) => {
      const files = ['a.ndjson', 'a.ndjson.gz'].map((name) => ({ ...file(name, 'readings', []), content: contents() }));
      return sha256((await archive(files, 2)).zip);
    };
    const hash = await of(() => LINES);
    for (const size of [1000, 65_536, 100_001, BYTES.length])
      for (const pause of [async () => {}, inTurn, later])
        expect(await of(() => slowly(size, pause)), `${size}`).toBe(hash);
  });
});

describe('its data package', () => {
  const described = () => JSON.parse(texts.get('data/datapackage.json') ?? '');

  it('says of which account and export it is', () => {
    expect(described()).toMatchObject({
      profile: 'data-package',
      name: JOB.replace('_', '-'),
      created: CUT,
      custodia: { account: ACCOUNT, export: JOB, version: 1 },
    });
  });

  it('describes each file truly: size, hash, and both before compression', () => {
    const { resources } = described();
    expect(resources.map(({ path }: { path: string }) => `data/${path}`)).toEqual(FILES.map(({ path }) => path));
    for (const { path, compression, bytes, hash, contentBytes, contentHash, format } of resources) {
      const stored = bytesOf(`data/${path}`);
      const content = path.endsWith('.gz') ? gunzipSync(stored) : stored;
      expect({ bytes, hash, contentBytes, contentHash }, path).toEqual({
        bytes: stored.length,
        hash: `sha256:${sha256(stored)}`,
        contentBytes: content.length,
        contentHash: `sha256:${sha256(content)}`,
      });
      expect(compression, path).toBe(path.endsWith('.gz') ? 'gz' : undefined);
      expect(format, path).toBe(path.includes('.ndjson') ? 'ndjson' : 'json');
    }
    const names = resources.map(({ name }: { name: string }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9._-]+$/);
  });

  it('counts rows, and names for each kind of lines a schema that stands in the archive', () => {
    const lines = described().resources.filter(({ format }: { format: string }) => format === 'ndjson');
    expect(lines.map(({ rows }: { rows: number }) => rows)).toEqual([0, 2, 1, 30_000, 1]);
    for (const { schema } of lines) expect(files.has(`data/${schema}`), schema).toBe(true);
    const schemas = payload().filter((name) => name.startsWith('data/schemas/'));
    expect(schemas).toHaveLength(5);
    for (const name of schemas) {
      const kind = name.slice('data/schemas/'.length, -'.json'.length) as keyof typeof DOCUMENTS;
      const { fields } = JSON.parse(texts.get(name) ?? '');
      expect(fields.map((field: { name: string }) => field.name)).toEqual(Object.keys(DOCUMENTS[kind].shape));
    }
  });

  it('knows a type for every field of every kind', () => {
    const types = new Set(['any', 'array', 'boolean', 'datetime', 'integer', 'object', 'string']);
    for (const kind of Object.keys(DOCUMENTS) as (keyof typeof DOCUMENTS)[])
      for (const { name, type } of tableSchema(kind).fields) expect(types, `${kind} ${name}`).toContain(type);
    const typeOf = (kind: keyof typeof DOCUMENTS, field: string) =>
      tableSchema(kind).fields.find(({ name }) => name === field)?.type;
    expect(typeOf('readings', 'ts')).toBe('datetime');
    expect(typeOf('readings', 'value')).toBe('any');
    expect(typeOf('buckets', 'source')).toBe('object');
    expect(typeOf('buckets', 'retentionDays')).toBe('integer');
    expect(typeOf('connectors', 'createDevices')).toBe('boolean');
    expect(typeOf('api-clients', 'scopes')).toBe('array');
    expect(typeOf('audit-events', 'at')).toBe('datetime');
    expect(typeOf('audit-events', 'status')).toBe('integer');
  });
});

describe('a file in an archive', () => {
  it('whose content breaks off breaks the step, and the step can be done again', async () => {
    const s3 = memoryS3();
    const of = new ArchiveOfJob({ account: ACCOUNT, s3: s3.client, archiveBucket: 'archives' }, JOB);
    const place = await of.begin();
    for (const path of ['data/a.ndjson', 'data/a.ndjson.gz']) {
      function* broken() {
        yield line(1);
        throw new RangeError('no more');
      }
      const add = of.write(
        place,
        async (one) => void (await one({ path, kind: 'readings', content: broken(), rows: () => 1 })),
      );
      await expect(add).rejects.toThrow('no more');
    }
    const written = await of.write(place, async (add) => void (await add(file('a.ndjson.gz', 'readings', [line(1)]))));
    expect(written).toMatchObject({ steps: 1, files: 1, rows: 1 });
    const [record] = await Array.fromAsync(of.records(written));
    expect(record).toMatchObject({
      contentBytes: Buffer.byteLength(line(1)),
      contentSha256: sha256(Buffer.from(line(1))),
    });
    expect(record?.bytes).toBeLessThanOrEqual(gzipSync(line(1)).length + 10);
  });
});
