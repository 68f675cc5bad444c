/** How an execution begins: by name and once, of a version, and only where there is a durable configuration. */
import { GetFunctionConfigurationCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CALLER } from '../lambda/support.ts';
import { createDurableBench, type DurableBench } from './support.ts';

let bench: DurableBench;
beforeAll(async () => {
  bench = await createDurableBench();
});
afterAll(() => bench.close());

test('a name begins one execution, whoever repeats the call', async () => {
  const version = await bench.durable('work');
  const first = await bench.begin(version, { n: 1 }, 'export-1-0');
  expect(first).toContain('/durable-execution/export-1-0/');
  expect(await bench.begin(version, { n: 1 }, 'export-1-0')).toBe(first);
  await expect(bench.begin(version, { n: 2 }, 'export-1-0')).rejects.toMatchObject({
    name: 'DurableExecutionAlreadyStartedException',
    $metadata: { httpStatusCode: 409 },
  });
  expect(await bench.begin(version, { n: 1 }, 'export-1-1')).not.toBe(first);
  expect(await bench.begin(version, { n: 1 })).not.toBe(await bench.begin(version, { n: 1 }));
});

test('an alias begins an execution of its version', async () => {
  await bench.durable('work', {}, 'aliased');
  const version = await bench.create('AWS::Lambda::Version', { FunctionName: 'Test-aliased' });
  expect(version.attributes.Version).toBe('2');
  await bench.create('AWS::Lambda::Alias', { FunctionName: 'Test-aliased', FunctionVersion: '2', Name: 'live' });
  expect(await bench.begin('Test-aliased:live', {})).toContain(':function:Test-aliased:2/durable-execution/');
  expect(await bench.begin('Test-aliased:$LATEST', {})).toContain(':function:Test-aliased:$LATEST/durable-execution/');
});

test('AWS’s refusals: an unqualified name, a bad name, a wait longer than a caller’s, a function that is not durable', async () => {
  const long = await bench.durable('work', { DurableConfig: { ExecutionTimeout: 901 } }, 'long');
  const invoke = (input: object) =>
    bench.client.send(new InvokeCommand({ FunctionName: long, InvocationType: 'Event', Payload: '{}', ...input }));
  const refused = { name: 'InvalidParameterValueException' };
  await expect(invoke({ FunctionName: 'Test-long' })).rejects.toMatchObject(refused);
  await expect(invoke({ DurableExecutionName: 'with space' })).rejects.toMatchObject(refused);
  await expect(invoke({ DurableExecutionName: 'x'.repeat(65) })).rejects.toMatchObject(refused);
  await expect(invoke({ InvocationType: 'RequestResponse' })).rejects.toMatchObject(refused);
  const plain = await bench.deploy('plain', 'echo');
  await expect(invoke({ FunctionName: plain, DurableExecutionName: 'a' })).rejects.toMatchObject(refused);
  await expect(invoke({ Payload: `"${'x'.repeat(1_048_576)}"` })).rejects.toMatchObject({
    name: 'RequestTooLargeException',
  });
});

test('a queue starts none', async () => {
  await bench.durable('work', {}, 'queued');
  const mapping = { FunctionName: 'Test-queued', EventSourceArn: 'arn:aws:sqs:eu-central-1:123456789012:q' };
  await expect(bench.create('AWS::Lambda::EventSourceMapping', mapping)).rejects.toThrow(/no durable function/);
});

test('the configuration is told, and a wrong one stops the boot', async () => {
  await bench.durable('work', { DurableConfig: { ExecutionTimeout: '7200' } }, 'configured');
  const found = await bench.client.send(new GetFunctionConfigurationCommand({ FunctionName: 'Test-configured' }));
  expect(found.DurableConfig).toEqual({ ExecutionTimeout: 7200, RetentionPeriodInDays: 14 });
  await expect(bench.durable('work', { DurableConfig: {} })).rejects.toThrow(/ExecutionTimeout/);
  await expect(
    bench.durable('work', { DurableConfig: { ExecutionTimeout: 1, RetentionPeriodInDays: 91 } }),
  ).rejects.toThrow(/RetentionPeriodInDays/);
});

test('the permissions of each call are asked for', async () => {
  const version = await bench.durable('work', {}, 'guarded');
  const arn = await bench.begin(version, {});
  bench.authority.roles.put({
    arn: CALLER,
    trust: {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    policies: { only: { Statement: [{ Effect: 'Allow', Action: 'lambda:*', Resource: `${version.slice(0, -2)}:*` }] } },
  });
  expect(await bench.read(arn)).toMatchObject({ status: 'RUNNING' });
  const elsewhere = arn.replace('Test-guarded', 'Test-work');
  await expect(bench.read(elsewhere)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(bench.begin(version.slice(0, -2), {})).rejects.toMatchObject({ name: 'AccessDeniedException' });
});
