import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZipWriter } from '../../../../shared/archive/zip/zip-writer.ts';
import { Collector, type Contents, has, judge, readByPython, readByYauzl, written } from './archives.ts';
import { asRead, CONTENTS, text } from './contents.ts';

describe('an archive that is written', () => {
  const cases = [0, 1, 6, 9].flatMap((level) => [false, true].map((large) => ({ level, large })));

  it.each(cases)('is read by yauzl as it was: %o', async (options) => {
    expect(await readByYauzl(await written(CONTENTS, options))).toEqual(asRead(CONTENTS));
  });

  it.skipIf(!has('unzip')).each(cases)('is accepted by unzip: %o', async (options) => {
    expect(judge(await written(CONTENTS, options), 'unzip', '-t')).toContain('No errors detected');
  });

  it.skipIf(!has('python3')).each(cases)('is accepted by Python: %o', async (options) => {
    const read = readByPython(await written(CONTENTS, options));
    expect(read.map(([name, , size]) => [name, size])).toEqual(CONTENTS.map(([name, { length }]) => [name, length]));
  });

  it('has the same bytes every time, and for the level 0 too', async () => {
    for (const level of [0, 6]) {
      const first = await written(CONTENTS, { level });
      expect((await written(CONTENTS, { level })).equals(first)).toBe(true);
    }
  });

  it('compresses', async () => {
    const archive = await written([['a', text(1_000_000)]]);
    expect(archive.length).toBeLessThan(250_000);
  });

  it('grows by next to nothing at level 0', async () => {
    const [name, noise] = CONTENTS[4]!;
    expect((await written([[name, noise]], { level: 0 })).length).toBeLessThan(noise.length + 300);
  });

  it('is an archive also with no entries at all', async () => {
    const archive = await written([]);
    expect(archive.length).toBe(22);
    expect(await readByYauzl(archive)).toEqual([]);
  });

  it('may have names of 1,000 characters of any language', async () => {
    const contents: Contents = ['é', '温', '🌡'].map((char) => [char.repeat(1000), Buffer.from(char)]);
    const archive = await written(contents);
    expect(await readByYauzl(archive)).toEqual(asRead(contents));
    if (has('python3')) expect(readByPython(archive).map(([name]) => name)).toEqual(contents.map(([name]) => name));
  });

  it('has whatever contents, in whatever pieces', async () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.integer({ min: 1, max: 4000 }),
        fc.constantFrom(0, 6),
        async (all, piece, level) => {
          const files: Contents = all.map((bytes, i) => [`f${i}`, Buffer.from(bytes)]);
          expect(await readByYauzl(await written(files, { piece, level }))).toEqual(asRead(files));
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a writer', () => {
  it('says which call has no place', async () => {
    const writer = new ZipWriter(new Collector().sink, 0);
    await expect(writer.write(Buffer.from('x'))).rejects.toThrow('No entry is open');
    await expect(writer.end()).rejects.toThrow('No entry is open');
    await expect(writer.pause()).rejects.toThrow('No entry is open');
    await expect(writer.begin('')).rejects.toThrow(RangeError);
    await expect(writer.begin('é'.repeat(32_768))).rejects.toThrow(RangeError);
    await writer.begin('a');
    await expect(writer.begin('b')).rejects.toThrow('open already');
  });

  it('fails as its sink does, wherever that happens, and hangs nowhere', async () => {
    const noise = CONTENTS[4]![1];
    for (const bytesUntilFailure of [0, 40, 100_000, 400_000]) {
      let taken = 0;
      const writer = new ZipWriter(async (bytes) => {
        taken += bytes.length;
        if (taken > bytesUntilFailure) throw new Error('S3 said no');
      }, 0);
      const run = async () => {
        await writer.begin('a');
        for (let i = 0; i < 100; i++) await writer.write(noise);
        await writer.end();
      };
      await expect(run()).rejects.toThrow('S3 said no');
      if (bytesUntilFailure > 0) {
        await expect(writer.end()).rejects.toThrow('S3 said no');
        await expect(writer.pause()).rejects.toThrow('S3 said no');
      }
    }
  });

  it('makes its caller wait for a slow sink: constant memory', async () => {
    const noise = CONTENTS[4]![1];
    let release = () => {};
    let taken = 0;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const writer = new ZipWriter(async (bytes) => {
      taken += bytes.length;
      if (taken > 100) await gate;
    }, 0);
    await writer.begin('a', { level: 0 });
    let given = 0;
    const giving = (async () => {
      for (; given < 40 * noise.length; given += noise.length) await writer.write(noise);
      await writer.end();
    })();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(given).toBeLessThan(1_000_000);
    release();
    await giving;
    expect(taken).toBeGreaterThan(40 * noise.length);
  });

  it('leaves the sink no small bytes that keep a large buffer alive', async () => {
    const out = new Collector();
    const writer = new ZipWriter(out.sink, 0);
    for (let i = 0; i < 20; i++) {
      await writer.begin(`f${i}`);
      await writer.write(Buffer.from('some bytes'));
      await writer.end();
    }
    const buffers = new Set(out.chunks.map(({ buffer }) => buffer));
    expect([...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(150_000);
  });
});
