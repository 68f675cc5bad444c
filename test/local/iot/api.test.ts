/** Endpoints, permissions and limits of both APIs, through the real SDK clients. */
import * as iot from '@aws-sdk/client-iot';
import { PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Laptop } from './laptop.ts';
import { startLaptop } from './laptop.ts';
import { ACCOUNT, devicePolicy, domain, REGION } from './template.ts';

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop({ resources: [devicePolicy, domain('IoTSecurityPolicy_TLS13_1_2_2022_10')] });
});
afterAll(() => laptop.stop());

const arn = (rest: string) => `arn:aws:iot:${REGION}:${ACCOUNT}:${rest}`;
const refusal = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } });

describe('the endpoint', () => {
  it('is localhost, by both ways of asking', async () => {
    const endpoint = new iot.DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' });
    await expect(laptop.control.send(endpoint)).resolves.toMatchObject({ endpointAddress: 'localhost' });
    const { ref } = await laptop.provision(domain('IoTSecurityPolicy_TLS13_1_2_2022_10'));
    const describe = (domainConfigurationName: string) =>
      laptop.control.send(new iot.DescribeDomainConfigurationCommand({ domainConfigurationName }));
    await expect(describe(ref)).resolves.toMatchObject({
      domainName: 'localhost',
      domainConfigurationStatus: 'ENABLED',
      tlsConfig: { securityPolicy: 'IoTSecurityPolicy_TLS13_1_2_2022_10' },
    });
    await expect(describe('other')).rejects.toMatchObject(refusal('ResourceNotFoundException', 404));
  });

  it('does not serve what it does not know', async () => {
    await expect(laptop.control.send(new iot.ListJobsCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
  });
});

it("asks the caller's role for exactly the resource of the call", async () => {
  const Resource = [arn('thing/mine-*'), arn('thinggroup/mine'), arn('topic/cmd/*')];
  const Action = ['iot:CreateThing', 'iot:AttachThingPrincipal', 'iot:AddThingToThingGroup', 'iot:Publish'];
  const limited = await startLaptop({ may: { Effect: 'Allow', Action, Resource } });
  const denied = refusal('AccessDeniedException', 403);
  const send = limited.control;
  await send.send(new iot.CreateThingCommand({ thingName: 'mine-1' }));
  await expect(send.send(new iot.CreateThingCommand({ thingName: 'yours-1' }))).rejects.toMatchObject(denied);
  await expect(send.send(new iot.DeleteThingCommand({ thingName: 'mine-1' }))).rejects.toMatchObject(denied);
  const both = { thingName: 'mine-1', thingGroupName: 'yours' };
  await expect(send.send(new iot.AddThingToThingGroupCommand(both))).rejects.toMatchObject(denied);
  // AWS knows no resource of this action.
  const pair = { thingName: 'mine-1', principal: arn(`cert/${'0'.repeat(64)}`) };
  await expect(send.send(new iot.AttachThingPrincipalCommand(pair))).rejects.toMatchObject(denied);

  const publish = (topic: string, retain = false) =>
    limited.data.send(new PublishCommand({ topic, qos: 1, retain, payload: Buffer.from('1') }));
  await publish('cmd/a/b');
  await expect(publish('dt/a/b')).rejects.toMatchObject(refusal('ForbiddenException', 403));
  await expect(publish('cmd/a/b', true)).rejects.toMatchObject(refusal('ForbiddenException', 403));
  await limited.stop();
});

it('refuses to publish to reserved topics and more than 128 KB', async () => {
  const publish = (topic: string, payload = Buffer.from('1')) =>
    laptop.data.send(new PublishCommand({ topic, payload }));
  await expect(publish('$aws/things/x/shadow/update')).rejects.toMatchObject(refusal('InvalidRequestException', 400));
  await expect(publish('a/+')).rejects.toMatchObject(refusal('InvalidRequestException', 400));
  await expect(publish('a', Buffer.alloc(131_073))).rejects.toMatchObject(
    refusal('RequestEntityTooLargeException', 413),
  );
});
