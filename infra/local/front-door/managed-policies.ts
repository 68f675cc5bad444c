import { Refusal } from '../refusal.ts';
import type { CompiledPolicy } from './iam/policy.ts';
import { compilePolicy } from './iam/policy.ts';

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** Those of AWS's own policies that CDK attaches by itself, as AWS publishes them. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'service-role/AWSLambdaBasicExecutionRole': LOGS,
  'service-role/AWSLambdaBasicDurableExecutionRolePolicy': [
    ...LOGS,
    'lambda:CheckpointDurableExecution',
    'lambda:GetDurableExecutionState',
  ],
};

export const isAwsManaged = (arn: string): boolean => /^arn:[\w-]+:iam::aws:policy\//.test(arn);

export function awsManagedPolicy(arn: string): CompiledPolicy {
  const name = arn.replace(/^arn:[\w-]+:iam::aws:policy\//, '');
  const actions = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!actions) throw new Refusal(`The laptop host doesn't know the AWS managed policy ${arn}.`);
  const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
  return compilePolicy({ Version: '2012-10-17', Statement }, 'identity');
}
