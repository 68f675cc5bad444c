/** One embedded service behind a bare HTTP listener: what a real SDK client needs, without signatures and permissions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AwsError,
  type AwsService,
  type Demand,
  type Principal,
  type ServiceContext,
} from '../../../infra/local/contract.ts';

export const account = '000000000000';
export const region = 'eu-central-1';
export const caller: Principal = {
  kind: 'session',
  roleArn: `arn:aws:iam::${account}:role/tester`,
  arn: `arn:aws:sts::${account}:assumed-role/tester/test`,
  tags: {},
};

/** A clock that a test moves. */
export function movableClock() {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    advance(seconds: number) {
      offset += seconds * 1000;
    },
  };
}

export interface TestContext extends ServiceContext {
  readonly clock: ReturnType<typeof movableClock>;
  readonly lines: string[];
}

export function testContext(dir: string): TestContext {
  const lines: string[] = [];
  return {
    account,
    region,
    dir,
    clock: movableClock(),
    lines,
    log: (line) => lines.push(line),
    authority: { authorize: () => undefined, assume: () => caller },
  };
}

export function temporaryFolder() {
  const dir = mkdtempSync(join(tmpdir(), 'custodia-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Answers requests with the service; keeps the demands of the last one. */
export async function serve(service: AwsService) {
  const seen: { demands: readonly Demand[] } = { demands: [] };
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host}`);
    const headers = incoming.headers as Record<string, string>;
    let answer: Awaited<ReturnType<Awaited<ReturnType<AwsService['operation']>>['run']>>;
    try {
      const body = Buffer.concat(chunks);
      const operation = await service.operation({ method: incoming.method ?? 'POST', url, headers, body });
      seen.demands = operation.demands;
      answer = await operation.run(caller);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      answer = service.errorResponse(error);
    }
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await service.close?.();
    },
  };
}

export const clientOptions = (endpoint: string) => ({
  endpoint,
  region,
  credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
  maxAttempts: 1,
});
