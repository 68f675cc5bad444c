import { randomUUID } from 'node:crypto';
import { GetFunctionCommand, InvokeCommand, type InvokeCommandInput } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bench, createBench, PLACE, ROLE } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench({ maxWorkers: 2 });
});
afterAll(() => bench.close());

async function invoke(name: string, event: unknown = {}, more: Partial<InvokeCommandInput> = {}) {
  const payload = JSON.stringify(event);
  const output = await bench.client().send(new InvokeCommand({ FunctionName: name, Payload: payload, ...more }));
  const text = output.Payload ? Buffer.from(output.Payload).toString() : '';
  return { ...output, answer: text ? JSON.parse(text) : undefined };
}

describe('Invoke', () => {
  test('runs the handler with its event and context', async () => {
    const arn = await bench.deploy('plain', 'echo', { Timeout: 7, MemorySize: 256 });
    const context = Buffer.from(JSON.stringify({ custom: { a: 1 } })).toString('base64');
    const { answer, StatusCode, ExecutedVersion, $metadata } = await invoke(
      arn,
      { a: [1] },
      { ClientContext: context },
    );
    expect({ StatusCode, ExecutedVersion }).toEqual({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer).toMatchObject({
      event: { a: [1] },
      functionName: 'Test-echo',
      invokedFunctionArn: arn,
      memoryLimitInMB: '256',
      requestId: $metadata.requestId,
      client: { custom: { a: 1 } },
    });
    expect(answer.remaining).toBeGreaterThan(6000);
    expect(answer.remaining).toBeLessThanOrEqual(7000);
  });

  test('takes a name, an ARN, a version and an alias, and refuses what the template lacks', async () => {
    const arn = await bench.deploy('plain', 'echo', {}, 'Named');
    const version = await bench.create('AWS::Lambda::Version', { FunctionName: 'Test-Named' }, { logicalId: 'V1' });
    await bench.create('AWS::Lambda::Alias', { FunctionName: arn, FunctionVersion: '1', Name: 'live' });
    expect(version).toMatchObject({ ref: `${arn}:1`, attributes: { Version: '1' } });
    const short = `${PLACE.account}:function:Test-Named`;
    for (const name of ['Test-Named', short, arn, `${arn}:$LATEST`, `${arn}:1`, 'Test-Named:live']) {
      expect((await invoke(name)).StatusCode).toBe(200);
    }
    expect((await invoke('Test-Named', {}, { Qualifier: 'live' })).answer.invokedFunctionArn).toBe(`${arn}:live`);
    for (const name of ['Test-Nobody', `${arn}:2`]) {
      await expect(invoke(name)).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        $metadata: { httpStatusCode: 404 },
      });
    }
  });

  test('answers null for nothing, and an error of the handler as AWS does', async () => {
    await bench.deploy('plain', 'nothing');
    await bench.deploy('plain', 'fail');
    expect((await invoke('Test-nothing')).answer).toBeNull();
    const { answer, FunctionError, StatusCode } = await invoke('Test-fail');
    expect({ FunctionError, StatusCode }).toEqual({ FunctionError: 'Unhandled', StatusCode: 200 });
    expect(answer).toMatchObject({ errorType: 'CustomError', errorMessage: 'it went wrong' });
    expect(answer.trace[0]).toBe('CustomError: it went wrong');
  });

  test('needs lambda:InvokeFunction', async () => {
    const arn = await bench.deploy('plain', 'echo');
    const denied = bench.client(ROLE).send(new InvokeCommand({ FunctionName: arn }));
    await expect(denied).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`lambda:InvokeFunction on resource: ${arn}`),
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('a dry run runs nothing', async () => {
    await bench.deploy('plain', 'fail');
    const { StatusCode, FunctionError } = await invoke('Test-fail', {}, { InvocationType: 'DryRun' });
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 204, FunctionError: undefined });
  });

  test('refuses an event that is no JSON or too large, and an answer that is too large', async () => {
    await bench.deploy('plain', 'echo');
    await bench.deploy('plain', 'big');
    await expect(invoke('Test-echo', {}, { Payload: '{' })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
    const tooLarge = { name: 'RequestTooLargeException', $metadata: { httpStatusCode: 413 } };
    await expect(invoke('Test-echo', 'x'.repeat(6_291_556))).rejects.toMatchObject(tooLarge);
    const event = 'x'.repeat(1_048_576);
    await expect(invoke('Test-echo', event, { InvocationType: 'Event' })).rejects.toMatchObject(tooLarge);
    expect((await invoke('Test-big')).answer.errorType).toBe('Function.ResponseSizeTooLarge');
  });

  test('describes a function', async () => {
    await bench.deploy('plain', 'echo', { Timeout: 7 });
    const { Configuration } = await bench.client().send(new GetFunctionCommand({ FunctionName: 'Test-echo' }));
    expect(Configuration).toMatchObject({ FunctionName: 'Test-echo', Timeout: 7, Runtime: 'nodejs24.x', Role: ROLE });
  });
});

describe('a worker', () => {
  test('that exceeds its timeout is ended, even in an endless loop', async () => {
    await bench.deploy('plain', 'slow', { Timeout: 1 });
    await bench.deploy('plain', 'spin', { Timeout: 1 });
    const answers = await Promise.all([invoke('Test-slow'), invoke('Test-spin')]);
    for (const { answer, FunctionError, $metadata } of answers) {
      expect(FunctionError).toBe('Unhandled');
      expect(answer).toEqual({
        errorType: 'Sandbox.Timedout',
        errorMessage: `RequestId: ${$metadata.requestId} Error: Task timed out after 1.00 seconds`,
      });
    }
    expect(bench.logOf('/aws/lambda/Test-spin')).toContain('\tINFO\tspinning\n');
  });

  test('that crashed is replaced', async () => {
    await bench.deploy('plain', 'exit');
    const first = (await invoke('Test-exit')).answer;
    expect((await invoke('Test-exit')).answer).toBe(first);
    const { answer, $metadata } = await invoke('Test-exit', { code: 7 });
    expect(answer).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${$metadata.requestId} Error: Runtime exited with error: exit status 7`,
    });
    const second = (await invoke('Test-exit')).answer;
    expect(second).toEqual(expect.any(Number));
    expect(second).not.toBe(first);
  });

  test('ends by a rejection that nobody handles', async () => {
    await bench.deploy('plain', 'reject');
    const { answer } = await invoke('Test-reject');
    expect(answer).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'Error: nobody waits for me',
    });
  });

  test('that needs too much memory ends alone', async () => {
    await bench.deploy('plain', 'hog', { MemorySize: 128 });
    expect((await invoke('Test-hog')).answer.errorType).toBe('Runtime.OutOfMemory');
  });

  test('whose code can’t be loaded says so, each time', async () => {
    await bench.deploy('broken', 'handler', {}, 'Broken');
    await bench.deploy('missing', 'handler', {}, 'Missing');
    await bench.deploy('plain', 'noSuchExport');
    await bench.deploy('plain', 'legacy');
    const errorType = async (name: string) => (await invoke(name)).answer.errorType;
    expect(await errorType('Test-Broken')).toBe('TypeError');
    expect(await errorType('Test-Broken')).toBe('TypeError');
    expect(await errorType('Test-Missing')).toBe('Runtime.ImportModuleError');
    expect(await errorType('Test-noSuchExport')).toBe('Runtime.HandlerNotFound');
    expect(await errorType('Test-legacy')).toBe('Runtime.CallbackHandlerDeprecated');
  });

  test('killed by the host answers an error; the next event gets a new one', async () => {
    await bench.deploy('plain', 'takeTurns');
    const { thread } = (await invoke('Test-takeTurns', 0)).answer;
    const inFlight = invoke('Test-takeTurns', 10_000);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await bench.lambda.killWorker('Test-takeTurns')).toBe(1);
    expect((await inFlight).answer).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect((await invoke('Test-takeTurns', 0)).answer.thread).not.toBe(thread);
  });

  test('serves one event at a time, and events beyond the limit of workers wait', async () => {
    await bench.deploy('plain', 'takeTurns', {}, 'Turns');
    const runs = (await Promise.all([1, 2, 3, 4].map(() => invoke('Test-Turns', 100)))).map(({ answer }) => answer);
    expect(new Set(runs.map(({ thread }) => thread)).size).toBe(2);
    for (const run of runs) {
      const overlapping = runs.filter(({ began, ended }) => began < run.ended && ended > run.began);
      expect(overlapping.filter(({ thread }) => thread === run.thread)).toEqual([run]);
    }
  });
});

describe('the template', () => {
  test('is refused where the laptop could not keep its word', async () => {
    await expect(bench.deploy('plain', 'echo', { Runtime: 'nodejs22.x' }, randomUUID())).rejects.toThrow(/nodejs24\.x/);
    const reserved = { Environment: { Variables: { AWS_ACCESS_KEY_ID: 'x' } } };
    await expect(bench.deploy('plain', 'echo', reserved)).rejects.toThrow(/AWS_ACCESS_KEY_ID/);
    const noEntry = bench.create('AWS::Lambda::Function', { Handler: 'index.a', Role: ROLE, Runtime: 'nodejs24.x' });
    await expect(noEntry).rejects.toThrow(/custodia:entry/);
  });

  test('gives long names an end of their own', async () => {
    const name = async (logicalId: string) =>
      (await bench.deploy('plain', 'echo', {}, logicalId)).split(':').at(-1) ?? '';
    const [a, b] = [await name(`${'Long'.repeat(20)}A`), await name(`${'Long'.repeat(20)}B`)];
    expect([a.length, b.length]).toEqual([64, 64]);
    expect(a).not.toBe(b);
  });
});
