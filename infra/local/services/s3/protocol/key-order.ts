/** Places between keys in S3's order, which is that of their UTF-8 bytes, and so of their code points. */

/** The first string after this key. */
export const justAfter = (key: string): string => `${key}\u0000`;

/** The first string after all that start with this prefix; nothing if there is none. */
export function afterAll(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // Surrogates are no characters of their own.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

const LAST = 0x10ffff;
