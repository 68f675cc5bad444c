/** S3 as far as keys ask for it, in memory: objects are written once, listed and removed. What it doesn't know, it refuses. */
import type { Tally } from './tally.ts';

/** What the client hands to its transport. */
interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
}

export function memoryObjects(tally: Pick<Tally, 's3Puts'>) {
  const names = new Set<string>();

  function answerTo({ method, path, query, headers }: WireRequest): { status: number; body?: string } {
    const name = decodeURIComponent(path.slice(1));
    if (method === 'DELETE') {
      names.delete(name);
      return { status: 204 };
    }
    tally.s3Puts += 1;
    if (method === 'GET' && query['list-type'] === '2') {
      const found = [...names].filter((one) => one.startsWith(String(query.prefix)));
      const contents = found.map((one) => `<Contents><Key>${one}</Key></Contents>`).join('');
      return { status: 200, body: `<ListBucketResult>${contents}</ListBucketResult>` };
    }
    if (method !== 'PUT' || headers['if-none-match'] !== '*') throw new Error(`The bench's S3 doesn't know ${method}.`);
    if (names.has(name)) return { status: 412 };
    names.add(name);
    return { status: 200 };
  }

  return {
    async handle(request: WireRequest) {
      const { status, body = '' } = answerTo(request);
      return {
        response: { statusCode: status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) },
      };
    },
  };
}
