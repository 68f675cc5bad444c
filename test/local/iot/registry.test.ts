/** The control plane through the real SDK client: what it answers, and with which error it refuses. */
import * as iot from '@aws-sdk/client-iot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Laptop } from './laptop.ts';
import { startLaptop } from './laptop.ts';
import { ACCOUNT, devicePolicy, POLICY, REGION } from './template.ts';

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop({ resources: [devicePolicy] });
});
afterAll(() => laptop.stop());

const arn = (rest: string) => `arn:aws:iot:${REGION}:${ACCOUNT}:${rest}`;
const refusal = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } });
const createThing = (thingName: string, attributes: Record<string, string> = {}) =>
  laptop.control.send(new iot.CreateThingCommand({ thingName, attributePayload: { attributes } }));
const createGroup = (thingGroupName: string) =>
  laptop.control.send(new iot.CreateThingGroupCommand({ thingGroupName }));
const newCertificate = async (setAsActive = true) => {
  const made = await laptop.control.send(new iot.CreateKeysAndCertificateCommand({ setAsActive }));
  return { certificateId: made.certificateId ?? '', certificateArn: made.certificateArn ?? '' };
};

describe('things', () => {
  it('are created once: the same again is no error, other attributes are', async () => {
    const first = await createThing('thing-1', { account: 'a', product: 'p' });
    expect(first).toMatchObject({ thingName: 'thing-1', thingArn: arn('thing/thing-1') });
    expect((await createThing('thing-1', { product: 'p', account: 'a' })).thingId).toBe(first.thingId);
    await expect(createThing('thing-1', { account: 'b' })).rejects.toMatchObject({
      ...refusal('ResourceAlreadyExistsException', 409),
      resourceArn: arn('thing/thing-1'),
    });
  });

  it('are described and updated, guarded by a version', async () => {
    await createThing('thing-2', { account: 'a', product: 'p' });
    const update = (attributes: Record<string, string>, expectedVersion: number, merge = true) =>
      laptop.control.send(
        new iot.UpdateThingCommand({ thingName: 'thing-2', attributePayload: { attributes, merge }, expectedVersion }),
      );
    await update({ product: '', colour: 'red' }, 1);
    const described = await laptop.control.send(new iot.DescribeThingCommand({ thingName: 'thing-2' }));
    expect(described).toMatchObject({ version: 2, attributes: { account: 'a', colour: 'red' } });
    expect(described.attributes).not.toHaveProperty('product');
    await expect(update({}, 1)).rejects.toMatchObject(refusal('VersionConflictException', 409));
    await update({ only: 'one' }, 2, false);
    await expect(laptop.control.send(new iot.DescribeThingCommand({ thingName: 'thing-2' }))).resolves.toMatchObject({
      attributes: { only: 'one' },
    });
  });

  it('have at most three attributes, no odd names, and no members that the laptop would ignore', async () => {
    const invalid = refusal('InvalidRequestException', 400);
    await expect(createThing('thing-3', { a: '1', b: '2', c: '3', d: '4' })).rejects.toMatchObject(invalid);
    await expect(createThing('thing-3', { a: 'with space' })).rejects.toMatchObject(invalid);
    await expect(createThing('with space')).rejects.toMatchObject(invalid);
    const typed = new iot.CreateThingCommand({ thingName: 'thing-3', thingTypeName: 'type' });
    await expect(laptop.control.send(typed)).rejects.toMatchObject(invalid);
  });

  it('are deleted when nothing is attached; one that is not there is deleted already', async () => {
    const remove = () => laptop.control.send(new iot.DeleteThingCommand({ thingName: 'thing-4' }));
    await remove();
    await createThing('thing-4');
    const { certificateArn: principal } = await newCertificate();
    const pair = { thingName: 'thing-4', principal };
    await laptop.control.send(new iot.AttachThingPrincipalCommand(pair));
    await expect(remove()).rejects.toMatchObject(refusal('InvalidRequestException', 400));
    await laptop.control.send(new iot.DetachThingPrincipalCommand(pair));
    await remove();
    await expect(laptop.control.send(new iot.DescribeThingCommand({ thingName: 'thing-4' }))).rejects.toMatchObject(
      refusal('ResourceNotFoundException', 404),
    );
  });
});

describe('thing groups', () => {
  it('hold things, listed in pages', async () => {
    await createGroup('group-1');
    const names = Array.from({ length: 7 }, (_, index) => `member-${index}`);
    for (const thingName of names) {
      await createThing(thingName);
      await laptop.control.send(new iot.AddThingToThingGroupCommand({ thingGroupName: 'group-1', thingName }));
    }
    const found: string[] = [];
    const pages = iot.paginateListThingsInThingGroup(
      { client: laptop.control, pageSize: 3 },
      { thingGroupName: 'group-1' },
    );
    let count = 0;
    for await (const page of pages) {
      count++;
      found.push(...(page.things ?? []));
    }
    expect([found, count]).toEqual([names, 3]);
    await expect(
      laptop.control.send(new iot.ListThingGroupsForThingCommand({ thingName: 'member-0' })),
    ).resolves.toMatchObject({ thingGroups: [{ groupName: 'group-1', groupArn: arn('thinggroup/group-1') }] });

    const one = { thingGroupName: 'group-1', thingName: 'member-0' };
    await laptop.control.send(new iot.RemoveThingFromThingGroupCommand(one));
    await laptop.control.send(new iot.RemoveThingFromThingGroupCommand(one));
    await laptop.control.send(new iot.DeleteThingCommand({ thingName: 'member-1' }));
    await expect(
      laptop.control.send(new iot.ListThingsInThingGroupCommand({ thingGroupName: 'group-1' })),
    ).resolves.toMatchObject({ things: names.slice(2) });
    await expect(
      laptop.control.send(new iot.ListThingsInThingGroupCommand({ thingGroupName: 'group-1', nextToken: 'made up !' })),
    ).rejects.toMatchObject(refusal('InvalidRequestException', 400));
  });

  it('take policies, and let them go when deleted', async () => {
    const target = (await createGroup('group-2')).thingGroupArn;
    const attachment = { policyName: POLICY, target };
    const attached = () => laptop.control.send(new iot.ListAttachedPoliciesCommand({ target }));
    await laptop.control.send(new iot.AttachPolicyCommand(attachment));
    await laptop.control.send(new iot.AttachPolicyCommand(attachment));
    await expect(attached()).resolves.toMatchObject({ policies: [{ policyName: POLICY }] });
    await laptop.control.send(new iot.DetachPolicyCommand(attachment));
    await laptop.control.send(new iot.DetachPolicyCommand(attachment));
    await expect(attached()).resolves.toMatchObject({ policies: [] });
    await laptop.control.send(new iot.AttachPolicyCommand(attachment));
    const group = { thingGroupName: 'group-2' };
    await laptop.control.send(new iot.DeleteThingGroupCommand(group));
    await laptop.control.send(new iot.DeleteThingGroupCommand(group));
    await expect(laptop.control.send(new iot.DescribeThingGroupCommand(group))).rejects.toMatchObject(
      refusal('ResourceNotFoundException', 404),
    );
    await createGroup('group-2');
    await expect(attached()).resolves.toMatchObject({ policies: [] });
  });

  it('refuse what does not exist, and a group that would differ', async () => {
    const missing = refusal('ResourceNotFoundException', 404);
    await createThing('lonely');
    const group = await createGroup('group-3');
    const send = laptop.control;
    const add = (thingGroupName: string, thingName: string) =>
      send.send(new iot.AddThingToThingGroupCommand({ thingGroupName, thingName }));
    await expect(add('nowhere', 'lonely')).rejects.toMatchObject(missing);
    await expect(add('group-3', 'nobody')).rejects.toMatchObject(missing);
    await expect(add('', 'lonely')).rejects.toMatchObject(refusal('InvalidRequestException', 400));
    await expect(
      send.send(new iot.AttachPolicyCommand({ policyName: 'none', target: group.thingGroupArn })),
    ).rejects.toMatchObject(missing);
    await expect(
      send.send(new iot.AttachPolicyCommand({ policyName: POLICY, target: arn('thinggroup/nowhere') })),
    ).rejects.toMatchObject(missing);
    const other = { thingGroupName: 'group-3', thingGroupProperties: { thingGroupDescription: 'other' } };
    await expect(send.send(new iot.CreateThingGroupCommand(other))).rejects.toMatchObject(
      refusal('ResourceAlreadyExistsException', 409),
    );
  });
});

describe('principals', () => {
  it('belong to one thing exclusively, or to several', async () => {
    await createThing('owner-1');
    await createThing('owner-2');
    const { certificateArn: principal } = await newCertificate();
    const attach = (thingName: string, thingPrincipalType?: iot.ThingPrincipalType) =>
      laptop.control.send(new iot.AttachThingPrincipalCommand({ thingName, principal, thingPrincipalType }));
    await attach('owner-1', 'EXCLUSIVE_THING');
    await attach('owner-1', 'EXCLUSIVE_THING');
    await expect(attach('owner-2')).rejects.toMatchObject(refusal('InvalidRequestException', 400));
    await laptop.control.send(new iot.DetachThingPrincipalCommand({ thingName: 'owner-1', principal }));
    await attach('owner-1');
    await attach('owner-2');
    const owner = { thingName: 'owner-2' };
    await expect(laptop.control.send(new iot.ListThingPrincipalsCommand(owner))).resolves.toMatchObject({
      principals: [principal],
    });
    await expect(laptop.control.send(new iot.ListThingPrincipalsV2Command(owner))).resolves.toMatchObject({
      thingPrincipalObjects: [{ principal, thingPrincipalType: 'NON_EXCLUSIVE_THING' }],
    });
    await expect(attach('nobody')).rejects.toMatchObject(refusal('ResourceNotFoundException', 404));
  });
});
