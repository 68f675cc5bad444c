import { describe, expect, it } from 'vitest';
import { type OpenEntry, writeDirectory, type ZipEntry, ZipWriter } from '../../../../shared/archive/zip/zip-writer.ts';
import { Collector, type Contents, has, judge, pieces, readByPython, readByYauzl, written } from './archives.ts';
import { asRead, CONTENTS, text } from './contents.ts';

/** Writes with a fresh writer after each entry and, every `step` pieces, within them: all that passes is JSON. */
async function inSteps(contents: Contents, step: number, options: { level?: number; large?: boolean } = {}) {
  const out = new Collector();
  const entries: ZipEntry[] = [];
  let at = 0;
  for (const [name, bytes] of contents) {
    let writer = new ZipWriter(out.sink, at);
    await writer.begin(name, options);
    for (const [i, piece] of pieces(bytes, 10_000).entries()) {
      if (i % step === step - 1) {
        const open = JSON.parse(JSON.stringify(await writer.pause())) as OpenEntry;
        expect(writer.at).toBe(out.bytes.length);
        writer = new ZipWriter(out.sink, writer.at, open, options);
      }
      await writer.write(piece);
    }
    entries.push(JSON.parse(JSON.stringify(await writer.end())) as ZipEntry);
    at = writer.at;
    expect(at).toBe(out.bytes.length);
  }
  await writeDirectory(out.sink, at, entries);
  return out.bytes;
}

describe('an archive that is written in steps', () => {
  it('has the same bytes if no step ends within an entry', async () => {
    for (const level of [0, 6]) {
      const whole = await written(CONTENTS, { level, piece: 10_000 });
      expect((await inSteps(CONTENTS, Number.POSITIVE_INFINITY, { level })).equals(whole)).toBe(true);
    }
  });

  it.each([{ step: 1 }, { step: 3 }, { step: 7 }, { step: 2, level: 0 }, { step: 4, large: true }])(
    'has the same contents: %o',
    async ({ step, ...options }) => {
      const archive = await inSteps(CONTENTS, step, options);
      expect(await readByYauzl(archive)).toEqual(asRead(CONTENTS));
      if (has('unzip')) expect(judge(archive, 'unzip', '-t')).toContain('No errors detected');
      if (has('python3')) expect(readByPython(archive)).toHaveLength(CONTENTS.length);
    },
  );

  it('goes on where it was paused twice, or before its first byte, or after its last', async () => {
    const out = new Collector();
    let writer = new ZipWriter(out.sink, 0);
    const goOn = async () => {
      const open = await writer.pause();
      writer = new ZipWriter(out.sink, writer.at, open, { level: 1 });
    };
    await writer.begin('a');
    await goOn();
    await goOn();
    await writer.write(Buffer.from('hello '));
    await goOn();
    await goOn();
    await writer.write(Buffer.from('world'));
    await goOn();
    const entry = await writer.end();
    await writeDirectory(out.sink, writer.at, [entry]);
    expect(await readByYauzl(out.bytes)).toEqual([['a', Buffer.from('hello world')]]);
  });

  it('has everything at the sink when it pauses', async () => {
    const out = new Collector();
    const writer = new ZipWriter(out.sink, 0);
    await writer.begin('a');
    for (const piece of pieces(text(2_000_000), 65_536)) await writer.write(piece);
    const open = await writer.pause();
    const before = out.bytes.length;
    expect(open).toMatchObject({ name: 'a', offset: 0, size: 2_000_000, compressedSize: before - 31 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(out.bytes.length).toBe(before);
  });
});
