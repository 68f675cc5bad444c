/**
 * Day summaries as bytes: a frame (see ../codec/frame.ts) around a version, the streams with their fields, which hours of each have
 * numbers, and then the columns of each field. Pure.
 */

import { JsonNumber, type JsonValue } from '../../platform/json-value.ts';
import { BlockError, corrupt } from '../codec/block-error.ts';
import { frame, unframe } from '../codec/frame.ts';
import { readIntegers, writeIntegers } from '../codec/integers.ts';
import { readTexts, writeTexts } from '../codec/strings.ts';
import { readColumn, writeColumn } from '../codec/values.ts';
import { ByteReader, ByteWriter } from '../codec/varint.ts';
import { type FieldSummary, HOURS, type StreamSummary } from './day-summary.ts';
import type { SumValue } from './exact-sum.ts';

const VERSION = 1;
const NUMBERS = ['min', 'max', 'first', 'last'] as const;

/** The same streams give the same bytes on one processor. */
export function encodeSummary(streams: readonly StreamSummary[]): Uint8Array {
  const out = new ByteWriter();
  out.byte(VERSION);
  out.count(streams.length);
  writeTexts(
    out,
    streams.map(({ stream }) => stream),
  );
  for (const { fields } of streams) out.count(fields.length);
  const fields = streams.flatMap((stream) => stream.fields);
  writeTexts(
    out,
    fields.map(({ field }) => field),
  );
  for (const { hours } of fields) out.count(hours.reduce((mask, { hour }) => mask | (1 << hour), 0));
  const counts = fields.flatMap(({ hours }) => hours.map(({ stats }) => stats.count));
  writeIntegers(out, Float64Array.from(counts));
  for (const { hours } of fields) writeField(out, hours);
  return frame(out.finish(), out.mostlyText);
}

function writeField(out: ByteWriter, hours: FieldSummary['hours']): void {
  for (const name of NUMBERS) {
    writeColumn(
      out,
      hours.map(({ stats }) => stats[name]),
    );
  }
  writeColumn(
    out,
    hours.map(({ stats }) => stats.sum),
  );
}

/** Throws a BlockError for bytes that `encodeSummary` didn't write. */
export function decodeSummary(bytes: Uint8Array): StreamSummary[] {
  const from = new ByteReader(unframe(bytes));
  const version = from.byte();
  if (version !== VERSION) throw new BlockError('unknown-version', `Not a summary of a known version (${version})`);
  const streams = readTexts(from, from.size());
  const sizes = streams.map(() => from.size());
  const names = readTexts(from, from.available(sizes.reduce((sum, size) => sum + size, 0)));
  const hoursOf = names.map(() => hoursIn(from.count()));
  const counts = readIntegers(from, from.available(hoursOf.reduce((sum, hours) => sum + hours.length, 0)));
  let counted = 0;
  const fields = names.map((field, i) => {
    const hours = hoursOf[i] as number[];
    counted += hours.length;
    return { field, hours: readField(from, hours, counts.subarray(counted - hours.length, counted)) };
  });
  let taken = 0;
  return streams.map((stream, i) => {
    taken += sizes[i] as number;
    return { stream, fields: fields.slice(taken - (sizes[i] as number), taken) };
  });
}

function hoursIn(mask: number): number[] {
  if (mask >= 2 ** HOURS) corrupt('an hour that no day has');
  return Array.from({ length: HOURS }, (_, hour) => hour).filter((hour) => mask & (1 << hour));
}

function readField(from: ByteReader, hours: readonly number[], counts: Float64Array): FieldSummary['hours'] {
  const [min, max, first, last] = NUMBERS.map(() => Array.from(readColumn(from, hours.length), double));
  const sums = Array.from(readColumn(from, hours.length), sum);
  const at = (column: readonly number[] | undefined, i: number) => column?.[i] as number;
  return hours.map((hour, i) => ({
    hour,
    stats: {
      count: count(counts[i] as number),
      min: at(min, i),
      max: at(max, i),
      sum: sums[i] as SumValue,
      first: at(first, i),
      last: at(last, i),
    },
  }));
}

const double = (value: JsonValue): number => (typeof value === 'number' ? value : corrupt('not a number'));
const EXACT_SUM = /^-?\d{1,700}e-\d{1,3}$/;

function sum(value: JsonValue): SumValue {
  if (!(value instanceof JsonNumber)) return double(value);
  return EXACT_SUM.test(value.source) ? value : corrupt('no sum');
}

const count = (value: number): number => (Number.isSafeInteger(value) && value > 0 ? value : corrupt('no count'));
