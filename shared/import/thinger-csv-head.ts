/** The beginning of a CSV file: its byte order mark, which is dropped, and which delimiter its header has. */

const PIECE = 64 * 1024;
const [QUOTE, COMMA, SEMICOLON, LF, CR] = [...'",;\n\r'].map((char) => char.charCodeAt(0));
const BOM = [0xef, 0xbb, 0xbf];

/**
 * `delimiter`: the more frequent one in the first line that has any, outside of quotes; a comma, if none is. `all`: the whole
 * file again without its mark, in pieces of at most 64 KiB. Holds `most` bytes at the most and a chunk.
 */
export async function readHead(
  bytes: AsyncIterable<Uint8Array>,
  most: number,
): Promise<{ delimiter: ',' | ';'; all: AsyncGenerator<Uint8Array> }> {
  const rest = withoutMark(bytes);
  const head: Uint8Array[] = [];
  let size = 0;
  const counts = { quoted: false, commas: 0, semicolons: 0 };
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    head.push(next.value);
    size += next.value.length;
    if (endsIn(next.value, counts) || size > most) break;
  }
  return { delimiter: counts.semicolons > counts.commas ? ';' : ',', all: joined(head, rest) };
}

/** Counts on, and says whether the line that has a delimiter ends in this piece. */
function endsIn(piece: Uint8Array, counts: { quoted: boolean; commas: number; semicolons: number }): boolean {
  for (const byte of piece) {
    if (byte === QUOTE) counts.quoted = !counts.quoted;
    if (counts.quoted) continue;
    if (byte === COMMA) counts.commas += 1;
    else if (byte === SEMICOLON) counts.semicolons += 1;
    else if ((byte === LF || byte === CR) && counts.commas + counts.semicolons > 0) return true;
  }
  return false;
}

async function* joined(head: Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (let piece = head.shift(); piece; piece = head.shift()) yield piece;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** The mark may come in parts. */
async function* withoutMark(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of bytes) {
    if (!start) {
      yield* pieces(chunk);
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < BOM.length) continue;
    yield* pieces(unmarked(start));
    start = undefined;
  }
  if (start?.length) yield* pieces(unmarked(start));
}

const unmarked = (start: Uint8Array) =>
  BOM.every((byte, at) => start[at] === byte) ? start.subarray(BOM.length) : start;

function* pieces(chunk: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
}
