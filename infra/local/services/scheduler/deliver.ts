/** One attempt to hand a run to its function, with the rights of the schedule's role; and what becomes of one that failed. */
import { type Authority, AwsError, type Principal, type QueueSender } from '../../contract.ts';
import type { Schedule } from './schedule.ts';
import type { Delivery } from './schedule-store.ts';

export interface DeliveryParts {
  readonly authority: Authority;
  /** A session of a schedule's role, if the role trusts the scheduler on behalf of the schedule's group. */
  assume(roleArn: string, sourceArn: string): Principal;
  /** Takes an event (JSON text) for a function; it is kept when this returns. */
  send(functionArn: string, event: string): void;
  readonly queues: QueueSender;
}

/** Throws what the function's service, or the template's policies, have against it. */
export function deliver(parts: DeliveryParts, schedule: Schedule, delivery: Delivery): void {
  const role = parts.assume(schedule.roleArn, schedule.groupArn);
  parts.authority.authorize(role, [{ action: 'lambda:InvokeFunction', resource: schedule.functionArn }]);
  parts.send(schedule.functionArn, eventOf(schedule, delivery));
}

/** As on AWS, waiting doesn't give a permission and brings no function back. */
export const isPermanent = (error: unknown): boolean =>
  error instanceof AwsError && error.status < 500 && error.status !== 429;

/** Puts the event of a run that is given up on the schedule's queue, if it has one. */
export async function bury(parts: DeliveryParts, schedule: Schedule, delivery: Delivery): Promise<void> {
  const { deadLetterArn } = schedule;
  if (!deadLetterArn) return;
  const role = parts.assume(schedule.roleArn, schedule.groupArn);
  parts.authority.authorize(role, [{ action: 'sqs:SendMessage', resource: deadLetterArn }]);
  const [account, name] = deadLetterArn.split(':').slice(-2);
  await parts.queues.send(`/${account}/${name}`, eventOf(schedule, delivery));
}

const second = (moment: number) => new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z');

function eventOf(schedule: Schedule, { id, attempts, scheduled_at }: Delivery): string {
  const [, , , region, account] = schedule.arn.split(':');
  const input =
    schedule.input ??
    JSON.stringify({
      version: '0',
      id,
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      time: second(scheduled_at),
      region,
      resources: [schedule.arn],
      detail: '{}',
    });
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', schedule.arn)
    .replaceAll('<aws.scheduler.scheduled-time>', second(scheduled_at))
    .replaceAll('<aws.scheduler.execution-id>', id)
    .replaceAll('<aws.scheduler.attempt-number>', String(attempts + 1));
}
