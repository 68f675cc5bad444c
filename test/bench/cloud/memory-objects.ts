/** S3 as far as making keys asks for it, in memory: objects are written once. What it doesn't know, it refuses. */
import type { Tally } from './tally.ts';

/** What the client hands to its transport. */
interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly hostname: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function memoryObjects(tally: Tally) {
  const names = new Set<string>();

  function statusOf({ method, hostname, path, headers }: WireRequest): number {
    tally.s3Requests += 1;
    if (method !== 'PUT' || headers['if-none-match'] !== '*') throw new Error(`The bench's S3 doesn't know ${method}.`);
    const name = hostname + path;
    if (names.has(name)) return 412;
    names.add(name);
    return 200;
  }

  return {
    handle: async (request: WireRequest) => ({
      response: { statusCode: statusOf(request), headers: {}, body: Buffer.alloc(0) },
    }),
  };
}
