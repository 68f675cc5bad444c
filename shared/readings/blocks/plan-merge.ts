/**
 * Which pieces of a span must be written so that it holds new rows, too. Nothing is lost at any point between the writes: a piece is
 * replaced by one that holds at least the same readings, and what a reader finds in two pieces it takes for one. Pure.
 */
import type { Row } from '../codec/block.ts';
import { countRows, packRows, type StreamRows, sameReading, unite } from './stream-rows.ts';

/** A piece as it stands. */
export interface Piece {
  readonly streams: readonly StreamRows[];
  /** Of the last piece: bytes of its body. */
  readonly bytes: number;
}

/** A piece to write: `n` is its number; one that doesn't stand yet is new. */
export interface Write {
  readonly n: number;
  readonly body: Uint8Array;
  readonly streams: readonly StreamRows[];
}

/** Rows by stream and time, to find an equal one. */
function indexOf(streams: readonly StreamRows[]): (stream: string, row: Row) => Row | undefined {
  const index = new Map<string, Map<number, Row[]>>();
  for (const { stream, rows } of streams) {
    const times = index.get(stream) ?? new Map<number, Row[]>();
    index.set(stream, times);
    for (const row of rows) times.set(row.ts, [...(times.get(row.ts) ?? []), row]);
  }
  return (stream, row) =>
    index
      .get(stream)
      ?.get(row.ts)
      ?.find((one) => sameReading(one, row));
}

/** Of the incoming rows, those that no piece has, and those that a piece has with a later arrival, by piece. */
function sift(pieces: readonly Piece[], incoming: readonly StreamRows[]) {
  const finders = pieces.map(({ streams }) => indexOf(streams));
  const fresh: StreamRows[] = [];
  const earlier = new Map<number, StreamRows[]>();
  for (const { stream, rows } of incoming) {
    const unknown = rows.filter((row) => {
      for (const [n, find] of finders.entries()) {
        const known = find(stream, row);
        if (!known) continue;
        if (row.receivedAt < known.receivedAt) earlier.set(n, [...(earlier.get(n) ?? []), { stream, rows: [row] }]);
        return false;
      }
      return true;
    });
    if (unknown.length > 0) fresh.push({ stream, rows: unknown });
  }
  return { fresh, earlier };
}

/** The first and the second half of the rows. */
function halves(streams: readonly StreamRows[]): readonly [StreamRows[], StreamRows[]] {
  let left = Math.ceil(countRows(streams) / 2);
  const parts: [StreamRows[], StreamRows[]] = [[], []];
  for (const { stream, rows } of streams) {
    const cut = Math.min(left, rows.length);
    left -= cut;
    if (cut > 0) parts[0].push({ stream, rows: rows.slice(0, cut) });
    if (cut < rows.length) parts[1].push({ stream, rows: rows.slice(cut) });
  }
  return parts;
}

/** Bodies of at most so many bytes, as few as halving gives; a single row is never divided. */
function divide(streams: readonly StreamRows[], most: number): { body: Uint8Array; streams: readonly StreamRows[] }[] {
  const body = packRows(streams);
  if (body.length <= most || countRows(streams) < 2) return [{ body, streams }];
  return halves(streams).flatMap((half) => divide(half, most));
}

/** `most`: bytes that a body may have. No writes: all of it stands already. `added`: rows that no piece has. */
export function planMerge(
  pieces: readonly Piece[],
  incoming: readonly StreamRows[],
  most: number,
): { writes: readonly Write[]; added: number } {
  const { fresh, earlier } = sift(pieces, unite([incoming]));
  const changed: Write[] = [...earlier].map(([n, rows]) => {
    const streams = unite([pieces[n]?.streams ?? [], rows]);
    return { n, body: packRows(streams), streams };
  });
  const writes = [...changed, ...placed(pieces, fresh, { most, isTaken: (n) => earlier.has(n) })];
  return { writes: writes.sort((a, b) => a.n - b.n), added: countRows(fresh) };
}

/** New rows go into the last piece, if it isn't written anyway and has room, or into pieces of their own. */
function placed(
  pieces: readonly Piece[],
  fresh: readonly StreamRows[],
  { most, isTaken }: { most: number; isTaken: (n: number) => boolean },
): Write[] {
  if (fresh.length === 0) return [];
  const last = pieces.length - 1;
  const open = last >= 0 && !isTaken(last) ? pieces[last] : undefined;
  if (open && open.bytes < most) {
    const streams = unite([open.streams, fresh]);
    const body = packRows(streams);
    if (body.length <= most) return [{ n: last, body, streams }];
  }
  return divide(fresh, most).map((part, i) => ({ n: pieces.length + i, ...part }));
}
