/** A scheduler before a real Lambda room and real queues, on a clock that stands still. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AwsError, type ServiceContext } from '../../../infra/local/contract.ts';
import { createAuthority } from '../../../infra/local/front-door/authority.ts';
import { createScheduler, type Scheduler } from '../../../infra/local/services/scheduler/scheduler.ts';
import { openSqs, type SqsService } from '../../../infra/local/services/sqs/service.ts';

const PLACE = { account: '123456789012', region: 'eu-central-1' };
const ROLE = `arn:aws:iam::${PLACE.account}:role/schedule`;
const FUNCTION = `arn:aws:lambda:eu-central-1:${PLACE.account}:function:sweep`;
const GROUP = `arn:aws:scheduler:eu-central-1:${PLACE.account}:schedule-group/default`;
const QUEUE = `arn:aws:sqs:eu-central-1:${PLACE.account}:Test-Dead`;
const MINUTE = 60_000;
const START = Date.parse('2026-05-04T10:00:00Z');

let dir: string;
let clock: { time: number; now(): number };
let sent: { readonly event: string; readonly at: string }[];
let failure: Error | undefined;
let lines: string[];
let sqs: SqsService;
let scheduler: Scheduler;
const authority = createAuthority({ place: PLACE, clock: { now: () => START } });

function open(): void {
  const context = (name: string): ServiceContext => {
    mkdirSync(join(dir, name), { recursive: true });
    return { ...PLACE, dir: join(dir, name), clock, authority, log: (line) => void lines.push(line) };
  };
  sqs = openSqs(context('sqs'), { endpoint: () => 'http://127.0.0.1' });
  scheduler = createScheduler(context('scheduler'), {
    assume: (role, source) => authority.assume(role, 'scheduler.amazonaws.com', 'schedule', source),
    send(functionArn, event) {
      if (failure) throw failure;
      expect(functionArn).toBe(FUNCTION);
      sent.push({ event, at: new Date(clock.now()).toISOString() });
    },
    queues: sqs.sender,
  });
}

function role(actions: readonly string[], source = GROUP): void {
  const Condition = { StringEquals: { 'aws:SourceAccount': PLACE.account, 'aws:SourceArn': source } };
  authority.roles.put({
    arn: ROLE,
    trust: {
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole', Condition },
      ],
    },
    policies: { all: { Statement: [{ Effect: 'Allow', Action: actions, Resource: [FUNCTION, QUEUE] }] } },
  });
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'scheduler-'));
  clock = { time: START, now: () => clock.time };
  sent = [];
  lines = [];
  failure = undefined;
  role(['lambda:InvokeFunction', 'sqs:SendMessage']);
  open();
});
const close = async () => {
  await scheduler.close();
  await sqs.service.close();
};
afterEach(async () => {
  await close();
  rmSync(dir, { recursive: true, force: true });
});

async function schedule(properties: Record<string, unknown> = {}, target: Record<string, unknown> = {}) {
  const provider = scheduler.providers.find(({ type }) => type === 'AWS::Scheduler::Schedule');
  return provider?.create({
    stack: 'Test',
    logicalId: 'Sweep',
    type: 'AWS::Scheduler::Schedule',
    metadata: {},
    properties: {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: FUNCTION, RoleArn: ROLE, Input: '{}', ...target },
      ...properties,
    },
  });
}
const move = (ms: number) => {
  clock.time += ms;
  scheduler.clockMoved();
};
const times = () => sent.map(({ at }) => at.slice(11, 19));

test('it runs at once and then each minute, and never before the host has started', async () => {
  expect(await schedule()).toEqual({
    ref: 'Test-Sweep',
    attributes: { Arn: `arn:aws:scheduler:eu-central-1:${PLACE.account}:schedule/default/Test-Sweep` },
  });
  move(0);
  expect(times()).toEqual([]);
  scheduler.start();
  move(59_000);
  move(1000);
  move(MINUTE);
  expect(times()).toEqual(['10:00:00', '10:01:00', '10:02:00']);
});

test('its own timer runs it', async () => {
  await schedule({ ScheduleExpression: 'at(2026-05-04T10:00:01)' });
  scheduler.start();
  const began = Date.now();
  clock.now = () => clock.time + Date.now() - began;
  await expect.poll(() => sent.length, { timeout: 3000 }).toBe(1);
  move(86_400_000);
  expect(sent.length).toBe(1);
});

test('what was missed becomes one run, whether the clock jumped or the host was away', async () => {
  await schedule();
  scheduler.start();
  move(5 * 60 * MINUTE + 1000);
  expect(times()).toEqual(['10:00:00', '15:00:01']);
  move(59_000);
  expect(times().slice(2)).toEqual(['15:01:00']);

  await close();
  clock.time += 3 * 60 * MINUTE;
  open();
  await schedule();
  scheduler.start();
  expect(times().slice(3)).toEqual(['18:01:00']);
  move(1);
  expect(sent.length).toBe(4);
});

test('a clock that is set back delays nothing', async () => {
  await schedule();
  scheduler.start();
  move(365 * 24 * 60 * MINUTE);
  move(-364 * 24 * 60 * MINUTE);
  expect(sent.length).toBe(2);
  move(MINUTE);
  expect(sent.length).toBe(3);
});

test('another expression begins anew; a disabled schedule does not run, and a removed one is forgotten', async () => {
  await schedule({ ScheduleExpression: 'cron(0 13 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin' });
  scheduler.start();
  expect(times()).toEqual([]);
  await close();
  open();
  await schedule({ State: 'DISABLED' });
  scheduler.start();
  move(60 * MINUTE);
  expect(times()).toEqual([]);
  await close();
  open();
  scheduler.start();
  await close();
  open();
  await schedule({ ScheduleExpression: 'cron(0 12 * * ? *)' });
  scheduler.start();
  expect(times()).toEqual([]);
  move(60 * MINUTE);
  expect(times()).toEqual(['12:00:00']);
});

test('the event: as the template says, with what AWS puts into it, or AWS’s own', async () => {
  const Input =
    '{"at":"<aws.scheduler.scheduled-time>","try":"<aws.scheduler.attempt-number>","by":"<aws.scheduler.schedule-arn>"}';
  await schedule({}, { Input });
  scheduler.start();
  expect(JSON.parse(sent[0]?.event ?? '')).toEqual({
    at: '2026-05-04T10:00:00Z',
    try: '1',
    by: `arn:aws:scheduler:eu-central-1:${PLACE.account}:schedule/default/Test-Sweep`,
  });
  await schedule({}, { Input: undefined });
  move(MINUTE);
  expect(JSON.parse(sent[1]?.event ?? '')).toMatchObject({
    source: 'aws.scheduler',
    'detail-type': 'Scheduled Event',
    time: '2026-05-04T10:01:00Z',
    detail: '{}',
  });
});

test('an invocation that can’t be taken is tried again, also after a restart, and then given up', async () => {
  failure = new AwsError('ServiceException', 'overloaded', 503);
  const target = {
    Input: '{"n":<aws.scheduler.attempt-number>}',
    RetryPolicy: { MaximumRetryAttempts: 2 },
    DeadLetterConfig: { Arn: QUEUE },
  };
  await queue();
  await schedule({ ScheduleExpression: 'at(2026-05-04T10:01:00)' }, target);
  scheduler.start();
  move(MINUTE);
  await close();
  open();
  await schedule({ ScheduleExpression: 'at(2026-05-04T10:01:00)' }, target);
  scheduler.start();
  failure = undefined;
  move(1000);
  expect(sent.map(({ event }) => event)).toEqual(['{"n":2}']);

  failure = new AwsError('TooManyRequestsException', 'slowly', 429);
  scheduler.runNow('sweep');
  move(1000);
  move(2000);
  await expect.poll(dead).toEqual(['{"n":3}']);
  failure = undefined;
  move(60 * MINUTE);
  expect(sent.length).toBe(1);
});

test('a run that has become too old is given up', async () => {
  failure = new AwsError('ServiceException', 'overloaded', 503);
  await schedule({ ScheduleExpression: 'at(2026-05-04T10:01:00)' }, { RetryPolicy: { MaximumEventAgeInSeconds: 60 } });
  scheduler.start();
  move(MINUTE);
  move(61_000);
  expect(lines.at(-1)).toMatch(/given up after 2 attempts/);
});

test('a missing permission is not tried again', async () => {
  role(['sqs:SendMessage']);
  await queue();
  await schedule({}, { DeadLetterConfig: { Arn: QUEUE }, Input: '"denied"' });
  scheduler.start();
  await expect.poll(dead).toEqual(['"denied"']);
  expect(lines[0]).toMatch(/not authorized to perform: lambda:InvokeFunction on resource: .*:function:sweep/);
  expect(sent).toEqual([]);

  role(['lambda:GetFunction']);
  move(MINUTE);
  await expect.poll(() => lines.at(-1)).toMatch(/dead-letter queue was not reached: .*sqs:SendMessage/);
});

test('what can’t be played stops the boot: a role that trusts another group, a window, another target, no such zone', async () => {
  role(['lambda:InvokeFunction'], GROUP.replace('default', 'other'));
  await expect(schedule()).rejects.toMatchObject({ code: 'AccessDeniedException' });
  const group = scheduler.providers.find(({ type }) => type === 'AWS::Scheduler::ScheduleGroup');
  const made = await group?.create({
    stack: 'Test',
    logicalId: 'Group',
    type: 'AWS::Scheduler::ScheduleGroup',
    metadata: {},
    properties: { Name: 'other' },
  });
  expect(made).toMatchObject({ ref: 'other', attributes: { Arn: GROUP.replace('default', 'other') } });
  expect(await schedule({ GroupName: 'other' })).toMatchObject({
    attributes: { Arn: expect.stringContaining('/other/') },
  });
  role(['lambda:InvokeFunction']);
  await expect(schedule({ FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } })).rejects.toThrow(
    /flexible/,
  );
  await expect(schedule({}, { Arn: QUEUE })).rejects.toThrow(/only functions/);
  await expect(schedule({ ScheduleExpressionTimezone: 'Europe/Atlantis' })).rejects.toThrow(/Atlantis/);
});

test('a test runs one at once, by its name or its function’s', async () => {
  await schedule({ ScheduleExpression: 'cron(0 0 1 1 ? *)' });
  scheduler.start();
  expect([scheduler.runNow('Test-Sweep'), scheduler.runNow('sweep'), scheduler.runNow('other')]).toEqual([1, 1, 0]);
  expect(times()).toEqual(['10:00:00', '10:00:00']);
});

async function queue(): Promise<void> {
  const provider = sqs.providers.find(({ type }) => type === 'AWS::SQS::Queue');
  await provider?.create({
    stack: 'Test',
    logicalId: 'Dead',
    type: 'AWS::SQS::Queue',
    metadata: {},
    properties: {},
  });
}
const dead = () => sqs.consumer.receive(QUEUE, { max: 10, visibilitySeconds: 0 }).map(({ body }) => body);
