// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like template literals
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../../infra/local/contract.ts';
import type { Credentials } from '../../../infra/local/front-door/sessions.ts';
import type { TestDoor } from './door.ts';
import { allow, clientConfig, openDoor, place, roleArn, TABLE, trust } from './door.ts';

const DATA = roleArn('AccountData');
const mayAssume = allow({ Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: roleArn('*') });
const ownRows = allow({
  Action: 'dynamodb:GetItem',
  Resource: TABLE,
  Condition: {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'A#${aws:PrincipalTag/account}#*' },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  },
});
/** Trusts the broker, which must say an account and nothing else, in tags that don't pass to further roles. */
const brokerOnly: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: roleArn('Broker') }, Action: 'sts:AssumeRole' },
    {
      Effect: 'Allow',
      Principal: { AWS: roleArn('Broker') },
      Action: 'sts:TagSession',
      Condition: {
        StringLike: { 'aws:RequestTag/account': 'acc_*' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['account', 'product'] },
        Null: { 'sts:TransitiveTagKeys': 'true' },
      },
    },
  ],
};

let test: TestDoor;
let broker: Credentials;

beforeAll(async () => {
  test = await openDoor();
  test.authority.roles.put({ arn: DATA, trust: brokerOnly, policies: { data: ownRows } });
  broker = test.session('Broker', mayAssume);
});
afterAll(() => test.door.close());

async function assume(input: Partial<AssumeRoleCommandInput> = {}, credentials = broker) {
  const client = new STSClient(clientConfig(test, credentials));
  try {
    const request = { RoleArn: DATA, RoleSessionName: 'acc_1', Tags: [{ Key: 'account', Value: 'acc_1' }], ...input };
    return await client.send(new AssumeRoleCommand(request));
  } finally {
    client.destroy();
  }
}

const asCredentials = ({ Credentials: given }: Awaited<ReturnType<typeof assume>>): Credentials => ({
  accessKeyId: given?.AccessKeyId ?? '',
  secretAccessKey: given?.SecretAccessKey ?? '',
  sessionToken: given?.SessionToken ?? '',
});

async function get(pk: string, credentials: Credentials) {
  const client = new DynamoDBClient(clientConfig(test, credentials));
  try {
    return await client.send(new GetItemCommand({ TableName: 'Main', Key: { pk: { S: pk } } }));
  } finally {
    client.destroy();
  }
}

const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };

describe('an assumed session', () => {
  it('reads the rows of the account in its tag and no others', async () => {
    const answer = await assume({ DurationSeconds: 900 });
    expect(answer.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${place.account}:assumed-role/AccountData/acc_1`);
    expect(answer.AssumedRoleUser?.AssumedRoleId).toMatch(/^AROA\w{17}:acc_1$/);
    expect(answer.Credentials?.Expiration?.getTime()).toBeCloseTo(test.clock.now() + 900_000, -4);
    const session = asCredentials(answer);
    await get('A#acc_1#x', session);
    await expect(get('A#acc_2#x', session)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(get('A#acc_10#x', session)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('without tags reads nothing', async () => {
    const session = asCredentials(await assume({ Tags: [] }));
    await expect(get('A#acc_1#x', session)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(get('A##x', session)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('ends when its time is over', async () => {
    const session = asCredentials(await assume({ DurationSeconds: 900 }));
    test.clock.advance(901_000);
    await expect(get('A#acc_1#x', session)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  });

  it('may do no more than its session policy says, and no more than its role', async () => {
    const row = (keys: string) =>
      JSON.stringify(
        allow({
          Action: '*',
          Resource: '*',
          Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys } },
        }),
      );
    const narrow = asCredentials(await assume({ Policy: row('A#acc_1#x') }));
    await get('A#acc_1#x', narrow);
    await expect(get('A#acc_1#y', narrow)).rejects.toThrow(/because no session policy allows/);
    const wide = asCredentials(await assume({ Policy: row('A#acc_2#x') }));
    await expect(get('A#acc_2#x', wide)).rejects.toThrow(/because no identity-based policy allows/);
  });

  it('knows who it is', async () => {
    const client = new STSClient(clientConfig(test, asCredentials(await assume())));
    const { Arn, Account, UserId } = await client.send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:sts::${place.account}:assumed-role/AccountData/acc_1`);
    expect([Account, UserId]).toEqual([place.account, expect.stringMatching(/^AROA\w{17}:acc_1$/)]);
    client.destroy();
  });
});

describe('AssumeRole refuses', () => {
  it('a role that is not trusted, though its own policy allows it', async () => {
    const stranger = test.session('Stranger', mayAssume);
    const refused = assume({}, stranger);
    await expect(refused).rejects.toMatchObject(denied);
    await expect(refused).rejects.toThrow(
      `User: arn:aws:sts::${place.account}:assumed-role/Stranger/Stranger is not authorized to perform: sts:AssumeRole on resource: ${DATA} because no resource-based policy allows the sts:AssumeRole action`,
    );
  });

  it('a trusted role that has no permission of its own', async () => {
    test.authority.roles.put({ arn: roleArn('Open'), trust: trust({ AWS: roleArn('Poor') }) });
    const poor = test.session('Poor');
    await expect(assume({ RoleArn: roleArn('Open'), Tags: [] }, poor)).rejects.toMatchObject(denied);
  });

  it('tags where only AssumeRole is trusted', async () => {
    test.authority.roles.put({ arn: roleArn('Untagged'), trust: trust({ AWS: roleArn('Broker') }) });
    await assume({ RoleArn: roleArn('Untagged'), Tags: [] });
    await expect(assume({ RoleArn: roleArn('Untagged') })).rejects.toThrow(/sts:TagSession/);
  });

  it('tags of the account itself unless the caller may tag by its own policy', async () => {
    const everybody = trust({ AWS: place.account }, 'sts:AssumeRole', 'sts:TagSession');
    test.authority.roles.put({ arn: roleArn('Delegated'), trust: everybody });
    const half = test.session('Half', allow({ Action: 'sts:AssumeRole', Resource: '*' }));
    await assume({ RoleArn: roleArn('Delegated'), Tags: [] }, half);
    await expect(assume({ RoleArn: roleArn('Delegated') }, half)).rejects.toThrow(/sts:TagSession/);
    await assume({ RoleArn: roleArn('Delegated') });
  });

  it.each<[string, Partial<AssumeRoleCommandInput>, object]>([
    ['a role that is not there', { RoleArn: roleArn('Nobody') }, denied],
    ['a tag that the trust policy does not take', { Tags: [{ Key: 'account', Value: 'other' }] }, denied],
    ['a tag key that the trust policy does not take', { Tags: [account('acc_1'), { Key: 'x', Value: 'y' }] }, denied],
    ['tags made transitive', { TransitiveTagKeys: ['account'] }, denied],
    ['a star in a tag', { Tags: [account('acc_*')] }, { name: 'ValidationError' }],
    ['a question mark in a tag', { Tags: [account('acc_?')] }, { name: 'ValidationError' }],
    ['a dollar in a tag', { Tags: [account('acc_${aws:x}')] }, { name: 'ValidationError' }],
    [
      'one tag twice',
      { Tags: [account('acc_1'), { Key: 'Account', Value: 'acc_2' }] },
      { name: 'InvalidParameterValue' },
    ],
    ['a reserved tag key', { Tags: [{ Key: 'aws:x', Value: 'y' }] }, { name: 'ValidationError' }],
    ['a transitive key without tag', { TransitiveTagKeys: ['other'] }, { name: 'InvalidParameterValue' }],
    ['less than a quarter of an hour', { DurationSeconds: 899 }, { name: 'ValidationError' }],
    ["more than the role's maximum", { DurationSeconds: 3601 }, { name: 'ValidationError' }],
    ['an odd session name', { RoleSessionName: 'a b' }, { name: 'ValidationError' }],
    ['a session policy that is no JSON', { Policy: '{' }, { name: 'MalformedPolicyDocumentException' }],
    ['a session policy that IAM refuses', { Policy: '{"Statement":[]}' }, { name: 'MalformedPolicyDocumentException' }],
    ['what it does not serve', { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/X' }] }, { name: 'ValidationError' }],
  ])('%s', async (_, input, failure) => {
    await expect(assume(input)).rejects.toMatchObject(failure);
  });

  it('more than an hour to a session, even where the role allows more', async () => {
    const long = { arn: roleArn('Long'), trust: trust({ AWS: roleArn('Broker') }), maxSessionSeconds: 43_200 };
    test.authority.roles.put(long);
    await expect(assume({ RoleArn: long.arn, Tags: [], DurationSeconds: 3601 })).rejects.toThrow(/role chaining/);
  });

  it('wrong signatures, in its own words', async () => {
    const wrong = assume({}, { ...broker, secretAccessKey: 'x' });
    await expect(wrong).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await expect(assume({}, { ...broker, sessionToken: 'x' })).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  it('other actions of STS', async () => {
    const client = new STSClient(clientConfig(test, broker));
    await expect(client.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({ name: 'InvalidAction' });
    client.destroy();
  });
});

it('transitive tags go along to the next role and can not be replaced there', async () => {
  const chain = trust({ AWS: place.account }, 'sts:AssumeRole', 'sts:TagSession');
  for (const name of ['First', 'Second'])
    test.authority.roles.put({ arn: roleArn(name), trust: chain, policies: { assume: mayAssume, data: ownRows } });
  const Tags = [account('acc_1'), { Key: 'other', Value: 'o' }];
  const first = asCredentials(await assume({ RoleArn: roleArn('First'), Tags, TransitiveTagKeys: ['account'] }));
  const second = await assume({ RoleArn: roleArn('Second'), Tags: [] }, first);
  expect(test.authority.sessions.find(second.Credentials?.AccessKeyId ?? '')?.principal.tags).toEqual({
    account: 'acc_1',
  });
  await expect(get('A#acc_2#x', asCredentials(second))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  const replaced = assume({ RoleArn: roleArn('Second'), Tags: [{ Key: 'Account', Value: 'acc_2' }] }, first);
  await expect(replaced).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

function account(Value: string) {
  return { Key: 'account', Value };
}
