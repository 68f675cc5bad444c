/** A schedule as the template describes it. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Place, Resource } from '../../contract.ts';
import { parseTimetable, type Timetable } from './expression/schedule-expression.ts';

export interface Schedule {
  readonly name: string;
  readonly arn: string;
  /** On AWS the source of its calls, for trust policies. */
  readonly groupArn: string;
  /** Changes when it must begin anew. */
  readonly settings: string;
  readonly enabled: boolean;
  readonly timetable: Timetable;
  readonly functionArn: string;
  readonly roleArn: string;
  /** JSON text; AWS makes a default event if there is none. */
  readonly input: string | undefined;
  readonly maximumAttempts: number;
  readonly maximumAgeMs: number;
  readonly deadLetterArn: string | undefined;
}

const properties = z.object({
  Name: z.string().optional(),
  GroupName: z.string().default('default'),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  FlexibleTimeWindow: z.object({ Mode: z.literal('OFF', 'the laptop host plays no flexible time windows') }),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Target: z.object({
    Arn: z.string().regex(/^arn:aws:lambda:[^:]*:\d{12}:function:/, 'only functions are targets on the laptop host'),
    RoleArn: z.string(),
    Input: z.string().optional(),
    RetryPolicy: z
      .object({
        MaximumRetryAttempts: z.coerce.number().int().min(0).max(185).default(185),
        MaximumEventAgeInSeconds: z.coerce.number().int().min(60).max(86_400).default(86_400),
      })
      .prefault({}),
    DeadLetterConfig: z.object({ Arn: z.string().optional() }).default({}),
  }),
});

/** As CloudFormation would name it, but the same at every boot. */
export function physicalName({ stack, logicalId }: Resource): string {
  const name = `${stack}-${logicalId}`;
  return name.length <= 64
    ? name
    : `${name.slice(0, 55)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

export const groupArn = ({ region, account }: Place, name: string): string =>
  `arn:aws:scheduler:${region}:${account}:schedule-group/${name}`;

export function defineSchedule(resource: Resource, place: Place): Schedule {
  const parsed = properties.safeParse(resource.properties);
  if (!parsed.success) throw new Error(`${resource.logicalId}: ${z.prettifyError(parsed.error)}`);
  const { Target, GroupName, ScheduleExpression: expression, ScheduleExpressionTimezone: zone, ...rest } = parsed.data;
  const name = rest.Name ?? physicalName(resource);
  return {
    name,
    arn: `arn:aws:scheduler:${place.region}:${place.account}:schedule/${GroupName}/${name}`,
    groupArn: groupArn(place, GroupName),
    settings: JSON.stringify([expression, zone, rest.State]),
    enabled: rest.State === 'ENABLED',
    timetable: parseTimetable(expression, zone),
    functionArn: Target.Arn,
    roleArn: Target.RoleArn,
    input: Target.Input,
    maximumAttempts: 1 + Target.RetryPolicy.MaximumRetryAttempts,
    maximumAgeMs: Target.RetryPolicy.MaximumEventAgeInSeconds * 1000,
    deadLetterArn: Target.DeadLetterConfig.Arn,
  };
}
