/** A schedule in the whole host: from the template to the function, by the control socket's clock. */
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../host/fixture.ts';
import { count, fixtureProject } from '../host/fixture-project.ts';
import { hostProcess } from '../host/host-process.ts';

const FUNCTION = { 'Fn::GetAtt': ['Counter', 'Arn'] };
const resources = {
  Scheduler: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'scheduler.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['Group', 'Arn'] } } },
          },
        ],
      },
      Policies: [
        {
          PolicyName: 'invoke',
          PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: FUNCTION }] },
        },
      ],
    },
  },
  Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: {} },
  Hourly: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      GroupName: { Ref: 'Group' },
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: FUNCTION, RoleArn: { 'Fn::GetAtt': ['Scheduler', 'Arn'] } },
    },
  },
};

test('a schedule of the template runs its function', async () => {
  const project = fixtureProject(({ service }) => void Object.assign(service.Resources, resources));
  const control = path.join(temporaryFolder(), 'control');
  const host = hostProcess(project, path.join(project, '.local'), '--control', control);
  const { api } = await host.ready();
  const socket = net.connect(control);
  onTestFinished(() => void socket.destroy());
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const send = async (request: object): Promise<unknown> => {
    socket.write(`${JSON.stringify(request)}\n`);
    return JSON.parse((await lines.next()).value ?? 'null');
  };

  // Every look counts, too.
  let looks = 0;
  const scheduled = async () => {
    looks += 1;
    return ((await count(api)).body.count ?? 0) - looks;
  };
  await expect.poll(scheduled, { timeout: 5000 }).toBe(1);
  await send({ command: 'clock', advance: 5 * 3_600_000 });
  await expect.poll(scheduled, { timeout: 5000 }).toBe(2);
  expect(await send({ command: 'schedule', name: 'http/counter' })).toEqual({ ok: { run: 1 } });
  await expect.poll(scheduled, { timeout: 5000 }).toBe(3);
  host.process.kill('SIGTERM');
  expect(await host.ended).toBe(0);
});
