/**
 * How much a test does that does the same many times over: a part of it in `npm test`, all of it in `npm run soak`, which sets
 * `CUSTODIA_THOROUGH`. What is left out is more of the same kind, never a kind of its own.
 */
export const isThorough = Boolean(process.env.CUSTODIA_THOROUGH);

/** For a test that takes as long as it is thorough. */
export const PATIENCE_MS = isThorough ? 1_800_000 : 120_000;

/** Of a list in which each stands for a case, those of `npm test`: every so-manieth, from the first on. */
export const someOf = <T>(all: readonly T[], every: number): readonly T[] =>
  isThorough ? all : all.filter((_, i) => i % every === 0);

/** Of all pairs some, in which each one of either list comes up where they are long. */
export const somePairs = <A, B>(some: readonly A[], others: readonly B[], every: number): (readonly [A, B])[] => {
  const all = some.flatMap((one, i) => others.map((other, j) => ({ pair: [one, other] as const, place: i + j })));
  return all.filter(({ place }) => isThorough || place % every === 0).map(({ pair }) => pair);
};

/** How far a loop goes that kills at one place after the other. */
export const stride = (byDefault: number): number => (isThorough ? 1 : byDefault);
