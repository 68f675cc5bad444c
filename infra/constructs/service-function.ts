/**
 * The only way to make a function. Its role may write its own log and nothing else until a stack grants more; what it reads from
 * its environment is typed by the handler's own schema; and it says in words who is hurt when it fails, which becomes its alarm.
 */
import { fileURLToPath } from 'node:url';
import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type CfnFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource, type SqsEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type * as z from 'zod';
import type { EnvOf } from '../../shared/platform/env.ts';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import { BUNDLING } from './bundling.ts';
import { durableOptions, grantOwnExecutions } from './durable-function.ts';
import { stateLifetime } from './lifetime.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where the source of a function stands, for whoever runs it without its bundle. */
const ENTRY_METADATA = 'custodia:entry';

export interface ServiceFunctionProps<E extends z.ZodType> {
  readonly settings: Settings;
  /** Path below `functions/`, without `.ts`. */
  readonly entry: string;
  /** The handler's environment schema, and a value for each of its variables. */
  readonly envSchema: E;
  readonly env: EnvOf<E>;
  /** Who is hurt when it fails, and how: the text of its alarm. */
  readonly hurt: string;
  /** Default: 10 seconds. */
  readonly timeout?: Duration;
  /** MB; CPU comes with it. Default: 512. */
  readonly memorySize?: number;
  /** Makes it durable: where the events of failed executions go. Default: it isn't. */
  readonly durable?: { readonly failures: IQueue };
  /** For one that is invoked asynchronously: why nothing is lost when it fails and isn't tried again. Default: callers wait. */
  readonly triedOnce?: string;
}

export class ServiceFunction<E extends z.ZodType = z.ZodType> extends Construct {
  readonly function: NodejsFunction;
  readonly role: Role;
  readonly hurt: string;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps<E>) {
    super(scope, id);
    this.hurt = props.hurt;
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: stateLifetime(props.settings).removalPolicy,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(this.role);
    const entry = `functions/${props.entry}.ts`;
    this.function = new NodejsFunction(this, 'Function', {
      entry: ROOT + entry,
      projectRoot: ROOT,
      depsLockFilePath: `${ROOT}package-lock.json`,
      role: this.role,
      logGroup,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'handler',
      timeout: props.timeout ?? Duration.seconds(10),
      memorySize: props.memorySize ?? 512,
      environment: props.env as Record<string, string>,
      bundling: BUNDLING,
      ...(props.durable ? durableOptions(props.durable.failures) : {}),
      ...(props.triedOnce === undefined ? {} : { retryAttempts: 0 }),
    });
    if (props.durable) grantOwnExecutions(this.function, this.role);
    (this.function.node.defaultChild as CfnFunction).addMetadata(ENTRY_METADATA, entry);
    acknowledge(this.function, {
      'Serverless::Serverless-LambdaTracing':
        'A trace would record which requests of whom touch what; counters and logs without ids suffice.',
    });
    if (!props.durable)
      acknowledge(this.function, {
        'Serverless::Serverless-LambdaDLQ':
          props.triedOnce ??
          'Never invoked asynchronously: callers wait for the answer, and the queues have dead-letter queues.',
      });
    if (props.triedOnce !== undefined)
      acknowledge(this.function, { 'Serverless::Serverless-LambdaAsyncFailureDestination': props.triedOnce });
  }

  /** Works off a queue; what fails comes again alone, and ends in the queue's dead-letter queue. */
  consume(queue: IQueue, batch: Pick<SqsEventSourceProps, 'batchSize' | 'maxBatchingWindow' | 'maxConcurrency'>): void {
    this.function.addEventSource(new SqsEventSource(queue, { ...batch, reportBatchItemFailures: true }));
    acknowledge(this.function, {
      'Serverless::Serverless-LambdaEventSourceMappingDestination': 'The source queue has its own dead-letter queue.',
    });
  }

  /** Lets a function start executions of this durable one, on its present version. */
  allowStartsBy(starter: ServiceFunction): void {
    const { functionArn } = this.function.currentVersion;
    starter.role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
  }

  /** Lets a role call this function and wait for its answer. */
  allowCallsBy(caller: ServiceFunction): void {
    caller.role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.functionArn] }),
    );
  }
}
