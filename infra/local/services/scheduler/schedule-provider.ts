/** `AWS::Scheduler::Schedule` and `AWS::Scheduler::ScheduleGroup`. */
import * as z from 'zod';
import type { Place, ResourceProvider } from '../../contract.ts';
import { defineSchedule, groupArn, physicalName, type Schedule } from './schedule.ts';

/** @param add takes each schedule; throws if its role doesn't trust the scheduler */
export function scheduleProvider(place: Place, add: (schedule: Schedule) => void): ResourceProvider {
  return {
    type: 'AWS::Scheduler::Schedule',
    honoured: {
      Name: 'its name',
      GroupName: 'part of its ARN; roles may trust the group alone',
      ScheduleExpression: 'rate, cron or at, by the host’s clock; of runs that were missed one is made up for',
      ScheduleExpressionTimezone: 'of cron and at, with daylight saving time as on AWS',
      'FlexibleTimeWindow.Mode': 'only OFF is accepted',
      State: 'a disabled schedule does not run',
      'Target.Arn': 'a function, invoked asynchronously',
      'Target.RoleArn': 'must trust the scheduler and be allowed to invoke the function',
      'Target.Input': 'the event, with AWS’s four context attributes; without it AWS’s default event',
      'Target.RetryPolicy': 'for an invocation that could not be taken, ever more slowly',
      'Target.DeadLetterConfig.Arn': 'gets the event of a run that is given up, without AWS’s message attributes',
    },
    ignored: { Description: 'for people' },
    async create(resource) {
      const schedule = defineSchedule(resource, place);
      add(schedule);
      return { ref: schedule.name, attributes: { Arn: schedule.arn } };
    },
  };
}

const group = z.object({ Name: z.string().optional() });

export function scheduleGroupProvider(place: Place): ResourceProvider {
  return {
    type: 'AWS::Scheduler::ScheduleGroup',
    honoured: { Name: 'its name' },
    ignored: { Tags: 'no tag of a group decides anything' },
    async create(resource) {
      const name = group.parse(resource.properties).Name ?? physicalName(resource);
      return { ref: name, attributes: { Arn: groupArn(place, name), State: 'ACTIVE' } };
    },
  };
}
