/** A Lambda room with durable functions, behind a real front door. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { GetDurableExecutionCommand, InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { createBench, PLACE, PROJECT, until } from '../lambda/support.ts';

export const DURABLE_ROLE = `arn:aws:iam::${PLACE.account}:role/durable`;
const HANDLERS = relative(PROJECT, join(import.meta.dirname, 'handlers/durable.ts'));
const ACTION = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' } as const;

export interface Ended {
  readonly status: string | undefined;
  readonly result: unknown;
  readonly error: string | undefined;
}

export interface Notebook {
  readonly file: string;
  notes(): readonly string[];
}

export async function createDurableBench(given?: string) {
  const dir = given ?? mkdtempSync(join(tmpdir(), 'durable-'));
  const bench = await createBench({ dir });
  const durableRole = {
    arn: DURABLE_ROLE,
    trust: { Statement: [ACTION] },
    managedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy'],
  };
  bench.authority.roles.put(durableRole);
  const client: LambdaClient = bench.client();
  const read = async (arn: string): Promise<Ended> => {
    const found = await client.send(new GetDurableExecutionCommand({ DurableExecutionArn: arn }));
    const result: unknown = found.Result === undefined ? undefined : JSON.parse(found.Result);
    return { status: found.Status, result, error: found.Error?.ErrorMessage };
  };
  return {
    ...bench,
    dir,
    client,
    durableRole,
    /** Where functions note what they do. */
    notebook(name: string): Notebook {
      const file = join(dir, name);
      // Only whole lines: a function may just be writing one.
      const notes = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
      return { file, notes };
    },
    /** Deploys a function and its first version; answers the version's ARN. */
    async durable(exportName: string, properties: Record<string, unknown> = {}, logicalId = exportName) {
      const { attributes } = await bench.create(
        'AWS::Lambda::Function',
        {
          Handler: `index.${exportName}`,
          Role: DURABLE_ROLE,
          Runtime: 'nodejs24.x',
          Timeout: 20,
          DurableConfig: { ExecutionTimeout: 900, RetentionPeriodInDays: 1 },
          ...properties,
        },
        { logicalId, metadata: { 'custodia:entry': HANDLERS } },
      );
      const version = await bench.create('AWS::Lambda::Version', { FunctionName: String(attributes.Arn) });
      return version.ref;
    },
    /** Starts an execution as another function would; answers its ARN. */
    async begin(functionArn: string, payload: unknown, name?: string) {
      const { DurableExecutionArn } = await client.send(
        new InvokeCommand({
          FunctionName: functionArn,
          InvocationType: 'Event',
          Payload: JSON.stringify(payload),
          DurableExecutionName: name,
        }),
      );
      if (!DurableExecutionArn) throw new Error('no execution was started');
      return DurableExecutionArn;
    },
    read,
    /** Waits until the function was invoked so often, and has answered each time. */
    invoked: (name: string, times: number) =>
      until(() => bench.logOf(`/aws/lambda/Test-${name}`).split('REPORT').length > times, 20_000),
    async ended(arn: string, limitMs = 25_000): Promise<Ended> {
      for (const end = Date.now() + limitMs; ; ) {
        const found = await read(arn);
        if (found.status !== 'RUNNING') return found;
        if (Date.now() > end) throw new Error(`${arn} is still running: ${bench.lines.join('\n')}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    advance(seconds: number) {
      bench.clock.offset += seconds * 1000;
      // The caller's clock moves with the host's, or its signatures would be too old.
      client.config.systemClockOffset = bench.clock.offset;
      bench.lambda.clockMoved();
    },
    async close() {
      client.destroy();
      await bench.close();
      if (!given) rmSync(dir, { recursive: true, force: true });
    },
  };
}

export type DurableBench = Awaited<ReturnType<typeof createDurableBench>>;
