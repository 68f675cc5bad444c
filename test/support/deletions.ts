/** Deletions as their account sees them, and what readings are left. */
import { eventually, type Program } from './api.ts';
import type { RunningHost } from './host.ts';
import { walk } from './readings.ts';

/** Everything of a bucket, as text, a line a reading. */
export const linesIn = async (of: Program, bucket: string): Promise<string[]> =>
  (await walk(of, `/v1/buckets/${bucket}/readings?limit=1000`, { accept: 'application/x-ndjson' }))
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line !== '');

/**
 * The deletion once it is over. Moves the host's clock on and on: some wait for what is in flight, up to six minutes, or for a slot,
 * from a moment that nobody outside sees.
 */
export const jobOver = (host: RunningHost, of: Program, id: string) =>
  eventually(
    async () => {
      await host.advance(10);
      return (await of.get(`/v1/deletions/${id}`)).body;
    },
    ({ status }: { status: string }) => status !== 'queued' && status !== 'running',
    60_000,
  );
