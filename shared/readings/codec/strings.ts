// Strings. *Texts* are written one after the other, lengths first. A *dictionary* column names each text once, where it
// first occurs: code 0 is "the next new text", code k+1 the k-th text seen so far. So a state that rarely changes and an id
// that always does both turn into runs of one code, which deflate takes for next to nothing.

import { corrupt } from './block-error.ts';
import type { ByteReader, ByteWriter } from './varint.ts';

const UTF8 = 0;
/** For texts with lone surrogates, which UTF-8 can't hold. */
const UTF16 = 1;

export function writeTexts(out: ByteWriter, texts: readonly string[]): void {
  for (const text of texts) out.count(text.length);
  const joined = texts.join('');
  // Two halves of a pair may meet only in the joined text: the lengths part them again, in UTF-16 units.
  const encoding = joined.isWellFormed() ? UTF8 : UTF16;
  const bytes = Buffer.from(joined, encoding === UTF8 ? 'utf8' : 'utf16le');
  out.byte(encoding);
  out.count(bytes.length);
  out.text(bytes);
}

export function readTexts(from: ByteReader, count: number): string[] {
  from.available(count);
  const lengths: number[] = [];
  for (let i = 0; i < count; i++) lengths.push(from.count());
  const encoding = from.byte();
  if (encoding > UTF16) corrupt('unknown encoding');
  const bytes = from.raw(from.size());
  const joined = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
    encoding === UTF8 ? 'utf8' : 'utf16le',
  );
  let at = 0;
  const texts = lengths.map((length) => {
    at += length;
    return joined.slice(at - length, at);
  });
  return at === joined.length ? texts : corrupt('texts of other lengths');
}

export function writeDictionary(out: ByteWriter, values: readonly string[]): void {
  const codes = new Map<string, number>();
  for (const value of values) {
    const code = codes.get(value);
    out.count(code ?? 0);
    if (code === undefined) codes.set(value, codes.size + 1);
  }
  writeTexts(out, [...codes.keys()]);
}

export function readDictionary(from: ByteReader, count: number): string[] {
  const indexes = new Uint32Array(from.available(count));
  let known = 0;
  for (let i = 0; i < count; i++) {
    const code = from.count();
    if (code > known) corrupt('a text that nobody named');
    indexes[i] = code === 0 ? known++ : code - 1;
  }
  const texts = readTexts(from, known);
  const values = new Array<string>(count);
  for (let i = 0; i < count; i++) values[i] = texts[indexes[i] as number] as string;
  return values;
}
