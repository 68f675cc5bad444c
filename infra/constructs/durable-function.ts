/**
 * What makes a function durable. Lambda runs an execution on the version that it was started on, and goes on with it there after
 * every wait: each change of code or configuration publishes a version, and old ones stay.
 */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction, FunctionOptions, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { acknowledge } from './acknowledge.ts';

/** As long as a work order opens an account: no execution can do anything after that. */
const EXECUTION_TIMEOUT = Duration.days(7);
/** Of an ended execution's history, which holds ids and counts alone. */
const HISTORY = Duration.days(7);

/** `durableConfig` can be set only when a function is created. `failures` gets the event of every execution that fails for good. */
export const durableOptions = (failures: IQueue) =>
  ({
    durableConfig: { executionTimeout: EXECUTION_TIMEOUT, retentionPeriod: HISTORY },
    currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    deadLetterQueue: failures,
  }) satisfies FunctionOptions;

/**
 * Lets the function keep its executions' state, and start their next parts. In a policy of its own: the function waits for its
 * role's first policy, which therefore can't name it.
 */
export function grantOwnExecutions(fn: LambdaFunction, role: Role): void {
  const policy = new Policy(fn, 'Executions', {
    roles: [role],
    statements: [
      new PolicyStatement({
        actions: ['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState', 'lambda:InvokeFunction'],
        resources: [`${fn.functionArn}:*`],
      }),
    ],
  });
  const logicalId = Stack.of(fn).getLogicalId(fn.node.defaultChild as CfnFunction);
  acknowledge(policy, {
    [`AwsSolutions::AwsSolutions-IAM5[Resource::<${logicalId}.Arn>:*]`]:
      'The versions of this one function: running executions stay on theirs.',
  });
}
