/** Keeps readings that ingest has packed: one block per call, readable as soon as it is written. */
export { putFreshBlock as keepReadings } from './fresh-block-store.ts';
