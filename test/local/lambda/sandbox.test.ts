import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Bench, createBench, PROJECT } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.close());

async function run(arn: string, event: unknown = {}) {
  const result = await bench.lambda.runtime.invoke(arn, event);
  if ('error' in result) throw new Error(`${result.error.errorType}: ${result.error.errorMessage}`);
  return result.payload as Record<string, unknown>;
}

test('the environment of a function is closed', async () => {
  process.env.SECRET_OF_THE_HOST = 'leak';
  const variables = { TABLE: 'things', AWS_ENDPOINT_URL: 'https://aws.example', TZ: 'UTC' };
  const arn = await bench.deploy('plain', 'environment', { Environment: { Variables: variables }, MemorySize: 300 });
  const env = await run(arn);
  delete process.env.SECRET_OF_THE_HOST;
  expect(Object.keys(env).sort()).toEqual(
    [
      'AWS_ACCESS_KEY_ID',
      'AWS_CONFIG_FILE',
      'AWS_DEFAULT_REGION',
      'AWS_EC2_METADATA_DISABLED',
      'AWS_ENDPOINT_URL',
      'AWS_EXECUTION_ENV',
      'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
      'AWS_LAMBDA_FUNCTION_NAME',
      'AWS_LAMBDA_FUNCTION_VERSION',
      'AWS_LAMBDA_INITIALIZATION_TYPE',
      'AWS_LAMBDA_LOG_GROUP_NAME',
      'AWS_LAMBDA_LOG_STREAM_NAME',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_SHARED_CREDENTIALS_FILE',
      'HOST_EXTRA',
      'LAMBDA_TASK_ROOT',
      'LANG',
      'TABLE',
      'TZ',
      '_HANDLER',
    ].sort(),
  );
  expect(env).toMatchObject({
    AWS_CONFIG_FILE: devNull,
    AWS_ENDPOINT_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '300',
    AWS_REGION: 'eu-central-1',
    LAMBDA_TASK_ROOT: PROJECT,
    TABLE: 'things',
  });
  const session = bench.authority.sessions.find(String(env.AWS_ACCESS_KEY_ID));
  expect(session?.principal.arn).toMatch(/:assumed-role\/function\/Test-environment$/);
});

test('what a function compiles is kept where the environment of the host says', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'compiled-'));
  vi.stubEnv('NODE_COMPILE_CACHE', dir);
  try {
    const arn = await bench.deploy('plain', 'time');
    await run(arn);
    // Written after the first answer.
    await expect.poll(() => readdirSync(dir, { recursive: true }).length).toBeGreaterThan(1);
  } finally {
    vi.unstubAllEnvs();
    rmSync(dir, { recursive: true });
  }
});

describe('the outside world', () => {
  test('is out of reach for every kind of socket, name and process', async () => {
    const ways = await run(await bench.deploy('network', 'leave'));
    expect(Object.keys(ways).length).toBe(14);
    for (const [way, outcome] of Object.entries(ways))
      expect(`${way}: ${outcome}`).toBe(`${way}: OutsideConnectionRefused`);
  });

  test('ends where this machine begins', async () => {
    const server = createServer((_request, response) => response.end('here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const event = { url: `http://127.0.0.1:${port}/`, port };
    expect(await run(await bench.deploy('network', 'stay'), event)).toEqual({
      fetch: 'here',
      named: 'here',
      net: 'connected',
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the clock', () => {
  test('is the machine’s, then the host’s, also for modules that read it while loading', async () => {
    const arn = await bench.deploy('plain', 'time');
    const before = await run(arn);
    expect(Math.abs(Number(before.now) - Date.now())).toBeLessThan(5000);
    expect(before).toMatchObject({ offset: 0, isDate: true });

    bench.clock.offset = 40 * 86_400_000;
    bench.lambda.clockMoved();
    const moved = await run(arn);
    for (const key of ['now', 'captured', 'fresh', 'text', 'loadedAt']) {
      expect(Math.abs(Number(moved[key]) - bench.clock.now()), key).toBeLessThan(5000);
    }
    expect(moved).toMatchObject({ given: '1970-01-02T00:00:00.000Z', isDate: true });

    // Again, without a word: the next event sees it, in the same worker.
    bench.clock.offset = -86_400_000;
    const back = await run(arn);
    expect(Math.abs(Number(back.now) - bench.clock.now())).toBeLessThan(5000);
    expect(back.loadedAt).toBe(moved.loadedAt);
    bench.clock.offset = 0;
  });
});

describe('the session of a worker', () => {
  test('is replaced, with its worker, before it ends by the host’s clock', async () => {
    const started = Date.now();
    const issued: string[] = [];
    const ended: string[] = [];
    const short: Bench = await createBench({
      issueSession(roleArn, service, name) {
        const session = short.authority.issueSession(roleArn, service, name);
        issued.push(session.accessKeyId);
        return { ...session, expires: started + short.clock.offset + 3_600_000 };
      },
      endSession: (key) => void ended.push(key),
    });
    const arn = await short.deploy('plain', 'environment');
    const key = async () => {
      const result = await short.lambda.runtime.invoke(arn, {});
      return 'payload' in result ? (result.payload as Record<string, string>).AWS_ACCESS_KEY_ID : undefined;
    };
    const first = await key();
    expect(await key()).toBe(first);
    // The clock was moved before; that alone must not be the reason.
    short.clock.offset = 1_000_000;
    const second = await key();
    expect(await key()).toBe(second);
    short.clock.offset = 3_590_000 + 1_000_000;
    const third = await key();
    expect(third).not.toBe(second);
    await short.close();
    expect(ended.sort()).toEqual(issued.sort());
  });

  test('is refused for a role that doesn’t trust Lambda', async () => {
    const arn = `arn:aws:iam::123456789012:role/other`;
    const Statement = {
      Effect: 'Allow',
      Principal: { Service: 'iot.amazonaws.com' },
      Action: 'sts:AssumeRole',
    } as const;
    bench.authority.roles.put({ arn, trust: { Statement } });
    const untrusted = await bench.deploy('plain', 'echo', { Role: arn }, 'Untrusted');
    await expect(bench.lambda.runtime.invoke(untrusted, {})).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });
});

describe('what a function prints', () => {
  test('goes to its log group as Lambda writes it', async () => {
    const { ref } = await bench.create('AWS::Logs::LogGroup', {}, { logicalId: 'Own' });
    await run(await bench.deploy('plain', 'print', { LoggingConfig: { LogGroup: ref } }));
    const log = bench.logOf(ref);
    const request = /REPORT RequestId: (\S+)\tDuration: [\d.]+ ms/.exec(log)?.[1];
    expect(log).toMatch(new RegExp(`Z\\t${request}\\tINFO\\thello { to: 'the log' }\\n`));
    expect(log).toMatch(new RegExp(`Z\\t${request}\\tERROR\\tand an error\\nraw\\n`));
  });

  test('is JSON where the template says so', async () => {
    const arn = await bench.deploy('plain', 'print', { LoggingConfig: { LogFormat: 'JSON' } }, 'PrintJson');
    await run(arn);
    const [first] = bench.logOf('/aws/lambda/Test-PrintJson').split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ level: 'INFO', message: "hello { to: 'the log' }" });
  });
});
