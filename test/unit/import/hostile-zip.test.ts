/** Files that are no archive, or one that somebody has tampered with: each is refused by name, and nothing is changed. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { build } from './build-account.ts';
import { bagOf, described, type Files, headerOf, patched, tagged, textOf, withText, zipOf } from './crafted.ts';
import { SMALL } from './generated.ts';
import { type Account, type Exported, openWorld, type World } from './world.ts';

let world: World;
let archive: Exported;
let files: Files;
/** Has things of its own. */
let globex: Account;
let untouched: () => void;
beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  world = openWorld();
  const acme = await world.openAccount();
  await build(world, acme, SMALL);
  archive = await world.runExport(acme);
  files = archive.files;
  globex = await world.openAccount('Globex');
  await build(world, globex, SMALL);
  untouched = world.database.snapshot();
});
beforeEach(() => untouched());
afterAll(() => void vi.restoreAllMocks());

const DEVICES = 'data/devices.ndjson';
const readings = () => [...files.keys()].find((name) => name.includes('/readings/')) ?? '';

async function refused(zip: Buffer, problem: object): Promise<void> {
  const [before, keys] = [world.state(), globex.keys.living()];
  world.asked.length = 0;
  const job = await world.runImport(globex, zip);
  expect(job.problem, JSON.stringify(job.error)).toMatchObject(problem);
  expect(job).toMatchObject({ status: 'failed', error: { code: 'validation' }, report: undefined });
  expect(world.state()).toEqual(before);
  expect(globex.keys.living()).toEqual(keys);
  expect(world.asked).toEqual([]);
}

/** By name: a file, and which file the refusal names, how. */
const FILES: readonly [string, () => Buffer | Promise<Buffer>, object][] = [
  ['of noise', () => Buffer.alloc(5000, 'noise'), { detail: /no ZIP/ }],
  ['of one byte', () => Buffer.from('x'), { detail: /no ZIP/ }],
  ['that ends early', () => archive.zip.subarray(0, archive.zip.length - 200), { detail: /no ZIP/ }],
  ['that begins late', () => archive.zip.subarray(500), { detail: /damaged|ZIP|reaches|begin/ }],
  [
    'whose directory points elsewhere',
    () => patched(archive.zip, (zip) => zip.writeUInt32LE(7, headerOf(zip, DEVICES) + 42)),
    { detail: /begin|reaches|one place/ },
  ],
  [
    'whose directory calls a file otherwise',
    () => patched(archive.zip, (zip) => void zip.write('data/devicez', headerOf(zip, DEVICES) + 46)),
    { file: 'data/devicez.ndjson' },
  ],
  [
    'in which a file is more than it says',
    () => patched(archive.zip, (zip) => zip.writeUInt32LE(10, headerOf(zip, DEVICES) + 24)),
    { file: DEVICES, detail: /more bytes/ },
  ],
  [
    'in which a file is less than it says',
    () => patched(archive.zip, (zip) => zip.writeUInt32LE(100_000, headerOf(zip, DEVICES) + 24)),
    { file: DEVICES, detail: /fewer bytes/ },
  ],
  [
    'in which a file says that it is huge',
    () => patched(archive.zip, (zip) => zip.writeUInt32LE(0xfffffff0, headerOf(zip, DEVICES) + 24)),
    { file: DEVICES, detail: /more than \d+ bytes/ },
  ],
  [
    'with a link',
    () => patched(archive.zip, (zip) => zip.writeUInt32LE(0o120777 * 0x10000, headerOf(zip, DEVICES) + 38)),
    { file: DEVICES, detail: /link/ },
  ],
  ['with a path out of it', () => zipOf([...files, ['data/../../x', Buffer.from('x')]]), { detail: /./ }],
  ['with an absolute path', () => zipOf([...files, ['/etc/passwd', Buffer.from('x')]]), { detail: /./ }],
  ['with a path of Windows', () => zipOf([...files, ['data\\x', Buffer.from('x')]]), { detail: /./ }],
  ['with a file twice', () => zipOf([...files, [DEVICES, Buffer.from('x')]]), { file: DEVICES }],
  ['with names of one spelling', () => zipOf([...files, ['data/DEVICES.ndjson', Buffer.from('x')]]), { detail: /./ }],
  ['without bagit.txt', () => zipOf([...files].filter(([name]) => name !== 'bagit.txt')), { file: 'bagit.txt' }],
  ['that is empty', () => zipOf([]), { file: 'bagit.txt' }],
  [
    'of a later BagIt',
    () => zipOf(tagged(withText(files, 'bagit.txt', textOf(files, 'bagit.txt').replace('1.0', '2.0')))),
    { file: 'bagit.txt' },
  ],
  [
    'of a later version',
    () =>
      zipOf(tagged(withText(files, 'bag-info.txt', textOf(files, 'bag-info.txt').replace(/Version: 1/, 'Version: 2')))),
    { file: 'bag-info.txt', detail: /archive version 2; this release reads 1/ },
  ],
  [
    'of somebody else’s bag',
    () => zipOf(tagged(withText(files, 'bag-info.txt', 'Bagging-Date: 2026-01-01\n'))),
    { file: 'bag-info.txt', detail: /no archive of Custodia/ },
  ],
  [
    'without a manifest',
    () => zipOf([...files].filter(([name]) => !name.startsWith('manifest'))),
    { file: 'manifest-sha256.txt' },
  ],
  [
    'without a tag manifest',
    () => zipOf([...files].filter(([name]) => !name.startsWith('tagm'))),
    { file: 'tagmanifest-sha256.txt' },
  ],
  [
    'without a file',
    () => zipOf([...files].filter(([name]) => name !== DEVICES)),
    { file: DEVICES, detail: /missing/ },
  ],
  [
    'with a file more',
    () => zipOf([...files, ['data/x.ndjson', Buffer.from('{}')]]),
    { file: 'data/x.ndjson', detail: /no manifest/ },
  ],
  [
    'with a described file that no archive has',
    () => bagOf(new Map([...files, ['data/x.ndjson', Buffer.from('{}')]])),
    { file: 'data/x.ndjson' },
  ],
  [
    'with readings of no day',
    () => bagOf(new Map([...files, [readings().replace(/\d{4}-\d\d-\d\d/, '2026-02-30'), Buffer.from('')]])),
    { file: /2026-02-30/ },
  ],
  ['with a file beside its data', () => bagOf(new Map([...files, ['x.txt', Buffer.from('x')]])), { file: 'x.txt' }],
  [
    'whose manifest names a file twice',
    () => {
      const text = textOf(files, 'manifest-sha256.txt');
      return zipOf(tagged(withText(files, 'manifest-sha256.txt', `${text}${text.split('\n')[0]}\n`)));
    },
    { file: 'manifest-sha256.txt', line: expect.any(Number), detail: /twice/ },
  ],
  [
    'whose manifest is no list',
    () => zipOf(tagged(withText(files, 'manifest-sha256.txt', 'x\n'))),
    { file: 'manifest-sha256.txt', line: 1 },
  ],
  [
    'whose tag manifest takes data out of the manifest',
    () => {
      const own = described(new Map([...files].filter(([name]) => name !== DEVICES)));
      const more = `${'0'.repeat(64)}  ${DEVICES}\n`;
      const tags = withText(own, 'tagmanifest-sha256.txt', textOf(own, 'tagmanifest-sha256.txt') + more);
      return zipOf([...tags, [DEVICES, Buffer.from('x')]]);
    },
    { file: 'tagmanifest-sha256.txt', detail: /devices/ },
  ],
];

const matching = (problem: object) =>
  Object.fromEntries(
    Object.entries(problem).map(([name, value]) => [
      name,
      value instanceof RegExp ? expect.stringMatching(value) : value,
    ]),
  );

describe('a file', () => {
  it.each(FILES)('%s: is refused', async (_, craft, problem) => {
    await refused(await craft(), matching(problem));
  });
});

describe('one byte that is another', () => {
  it('in any of its files is found by the manifests, which name the file', async () => {
    expect(files.size).toBeGreaterThan(15);
    for (const [name, bytes] of files) {
      const at = bytes.length >> 1;
      const isEmpty = bytes.length === 0;
      const other = isEmpty ? Buffer.from('\n') : patched(bytes, (copy) => copy.writeUInt8(copy.readUInt8(at) ^ 1, at));
      const file = name === 'tagmanifest-sha256.txt' ? expect.any(String) : name;
      await refused(await zipOf(new Map([...files, [name, other]])), { file });
    }
  });

  it('anywhere in the ZIP is found, or makes no difference', async () => {
    const good = await world.runImport(globex, archive.zip);
    let harmless = 0;
    for (let at = 0; at < archive.zip.length; at += Math.ceil(archive.zip.length / 60)) {
      untouched();
      const before = world.state();
      const zip = patched(archive.zip, (copy) => copy.writeUInt8(copy.readUInt8(at) ^ 0x20, at));
      const job = await world.runImport(globex, zip);
      if (job.status === 'succeeded') {
        harmless += 1;
        expect(job.report).toEqual(good.report);
      } else {
        expect(job.problem, String(at)).toBeDefined();
        expect(world.state()).toEqual(before);
      }
    }
    expect(harmless).toBeLessThan(30);
  });
});

describe('what grows when it is opened', () => {
  it('is given up once it is more than an archive of its size can be, and not read to its end', async () => {
    const line = `${JSON.stringify({ ...JSON.parse(textOf(files, readings()).split('\n')[0] ?? ''), value: 'a'.repeat(100_000) })}\n`;
    const bomb = gzipSync(`${line.repeat(1000)}this is no line\n`, { level: 9 });
    expect(bomb.length).toBeLessThan(200_000);
    await refused(await bagOf(new Map([...files, [readings(), bomb]])), {
      file: readings(),
      detail: expect.stringMatching(/more than an archive of this size/),
    });
  });

  it('without an end of line is given up after a line', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000), { level: 9 });
    const begun = process.cpuUsage();
    await refused(await bagOf(new Map([...files, [readings(), bomb]])), {
      file: readings(),
      line: 1,
      detail: expect.stringMatching(/A line has more than/),
    });
    // Inflating all of it takes a quarter of a second.
    expect(process.cpuUsage(begun).user).toBeLessThan(2_000_000);
  });

  it('in a file that only describes the others is as little read', async () => {
    const bomb = Buffer.alloc(100_000_000);
    const zip = await bagOf(new Map([...files, ['data/schemas/products.json', bomb]]));
    await refused(zip, { file: 'data/schemas/products.json', detail: expect.stringMatching(/more than \d+ bytes/) });
  });

  it('is no gzip file, ends early or goes on after its end: is refused', async () => {
    const whole = files.get(readings()) ?? Buffer.alloc(0);
    for (const bytes of [
      Buffer.from('x'),
      whole.subarray(0, whole.length - 9),
      Buffer.concat([whole, Buffer.from('x')]),
    ])
      await refused(await bagOf(new Map([...files, [readings(), bytes]])), { file: readings() });
  });
});
