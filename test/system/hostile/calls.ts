/**
 * Code in a handler's place that misuses what a handler may do: ask the system functions. It has a genuine caller of one account,
 * and is after another. Beside each refusal stands the same call for the caller's own account, which works.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { clientToken, made, openAccount, operatorToken, type Program } from '../../support/api.ts';
import { connectDevice, makeDevice } from '../../support/device.ts';
import { onRow, outcome } from '../../support/hostile/data-actions.ts';
import { type Owned, stock } from '../../support/hostile/owned.ts';
import {
  answered,
  asking,
  type Call,
  type Concept,
  type Credentials,
  environment,
  physicalNames,
  puppet,
  sessionOf,
} from '../../support/hostile/puppet.ts';
import { acceptInvitation } from '../../support/person.ts';
import { readToken, signHs256, signRs256, strangersKey, writeToken } from '../../support/tokens.ts';
import { host } from './host.ts';

let acme: Program;
let globex: Program;
let mine: Owned;
let theirs: Owned;
let names: Record<Concept, Record<string, string>>;

beforeAll(async () => {
  acme = await openAccount(host.endpoints, 'Acme');
  globex = await openAccount(host.endpoints, 'Globex');
  mine = await stock(acme);
  theirs = await stock(globex);
  names = {
    members: await environment(host, 'members', acme),
    devices: await environment(host, 'devices', acme),
  };
});

/** Asks a system function from inside a handler that may ask it. */
async function ask(concept: Concept, variable: string, payload: object) {
  const [ended] = await puppet(host, concept, acme)([asking(names[concept][variable], payload)]);
  return answered(ended ?? {});
}
const broker = (payload: object) => ask('members', 'BROKER_FUNCTION', { kind: 'token', ...payload });
const registrar = (command: object, token = acme.token) => ask('members', 'REGISTRAR_FUNCTION', { token, command });
const provisioner = (account: string, command: object) =>
  ask('devices', 'PROVISIONER_FUNCTION', { token: acme.token, account, command });

const NOBODYS = 'acc_00000000000000000000000000';
const PURPOSE = 'operator.accounts.open';
const DENIED = { granted: false, reason: 'denied' };

describe('the broker', () => {
  it('gives an account’s session for a token of that account, and the operator one where no account stands yet', async () => {
    expect(await broker({ token: acme.token, account: acme.account })).toMatchObject({ granted: true });
    const token = await operatorToken(host.endpoints);
    expect(await broker({ token, account: NOBODYS, purpose: PURPOSE })).toMatchObject({ granted: true });
  });

  it('seals a work order for the token’s account, and opens it for that account alone', async () => {
    const seal = (account: string) => broker({ kind: 'seal', token: acme.token, account });
    expect(await seal(globex.account)).toEqual(DENIED);
    const { order } = await seal(acme.account);
    const show = (account: string, shown = order) =>
      ask('members', 'BROKER_FUNCTION', { kind: 'order', order: shown, account });
    expect(await show(acme.account)).toMatchObject({ granted: true });
    const refused = { granted: false, reason: 'invalid-order' };
    expect(await show(globex.account)).toEqual(refused);
    expect(await show(acme.account, `${order.slice(0, -8)}AAAAAAA=`)).toEqual(refused);
    // The provisioner takes one for a single command, and on what is the account's.
    const product = mine.product;
    const byOrder = (account: string, command: object) =>
      ask('devices', 'PROVISIONER_FUNCTION', { order, account, command });
    const forbidden = { done: false, reason: 'forbidden' };
    expect(await byOrder(acme.account, { kind: 'remove-product', product })).toEqual(forbidden);
    expect(await byOrder(globex.account, { kind: 'remove-device', product, device: theirs.device })).toEqual(forbidden);
    expect(await byOrder(acme.account, { kind: 'remove-device', product, device: theirs.device })).toEqual({
      done: false,
      reason: 'not-found',
    });
    // An account's session can neither make one nor open one.
    const session = await sessionOf(host, acme);
    const context = { EncryptionContext: { workOrder: acme.account } };
    const key = { KeyId: names.members.MASTER_KEY_ID };
    const ended = await puppet(
      host,
      'members',
      acme,
    )([
      call('kms', 'Encrypt', { ...key, ...context, Plaintext: { $bytes: order } }, session),
      call('kms', 'Decrypt', { ...key, ...context, CiphertextBlob: { $bytes: order } }, session),
      call('kms', 'GenerateDataKey', { ...key, ...context, KeySpec: 'AES_256' }, session),
    ]);
    expect(ended.map(outcome)).toEqual(new Array(3).fill('AccessDeniedException'));
  });

  it('refuses another account, whatever purpose is given', async () => {
    const { token } = acme;
    expect(await broker({ token, account: globex.account })).toEqual(DENIED);
    for (const account of [globex.account, NOBODYS, acme.account.replace(/.$/, (last) => (last === '0' ? '1' : '0'))]) {
      expect(await broker({ token, account, purpose: PURPOSE }), account).toEqual(DENIED);
    }
  });

  it('refuses the operator an account that exists, and any without the purpose', async () => {
    const token = await operatorToken(host.endpoints);
    expect(await broker({ token, account: globex.account, purpose: PURPOSE })).toEqual(DENIED);
    expect(await broker({ token, account: globex.account })).toEqual(DENIED);
    expect(await broker({ token, account: NOBODYS })).toEqual(DENIED);
  });

  it('refuses a forged token, though its claims be true', async () => {
    const real = readToken(globex.token);
    const jwks = await (await fetch(host.endpoints.oauth.jwksUrl)).text();
    const forged = {
      'claims changed': writeToken({ ...readToken(acme.token), claims: real.claims }),
      'alg none': writeToken({ ...real, header: { ...real.header, alg: 'none' }, signature: '' }),
      'a stranger’s key': signRs256(real.header, real.claims, strangersKey()),
      'a public key as a secret': signHs256(real.header, real.claims, jwks),
      'no token': 'nothing',
    };
    for (const [how, token] of Object.entries(forged)) {
      const answer = await broker({ token, account: globex.account });
      expect(answer, how).toEqual({ granted: false, reason: 'invalid-token' });
    }
  });

  it('breaks off at what is no account id, and at tags that are pushed under', async () => {
    const { token, account } = acme;
    for (const request of [
      { token, account: '*' },
      { token, account: `${account}#` },
      { token, account: [account, globex.account] },
      { token, account, tags: [{ Key: 'account', Value: globex.account }] },
    ]) {
      expect(await broker(request)).toMatchObject({ thrown: expect.stringContaining('ZodError') });
    }
  });
});

const refused = (reason: string) => ({ done: false, reason });

describe('the registrar', () => {
  it('does nothing for another account', async () => {
    const { account, clientId } = theirs;
    const sub = await ownersSub(globex);
    for (const command of [
      { kind: 'add-member', account, member: mine.member, email: 'thief@acme.test', role: 'owner' },
      { kind: 'change-role', account, sub, from: 'owner', role: 'viewer' },
      { kind: 'remove-member', account, sub },
      { kind: 'add-client', account, client: mine.client, scopes: ['readings.read'] },
      { kind: 'rotate-client', account, clientId },
      { kind: 'remove-client', account, clientId },
    ]) {
      expect(await registrar(command), command.kind).toEqual(refused('forbidden'));
    }
    for (const command of [
      { kind: 'prepare-account', email: 'thief@acme.test' },
      { kind: 'open-account', opened: { account, member: mine.member }, sub },
      { kind: 'list-accounts', limit: 10 },
      { kind: 'change-status', account, status: 'suspended' },
    ]) {
      expect(await registrar(command), command.kind).toEqual(refused('forbidden'));
    }
  });

  it('finds nothing of another account in the caller’s own', async () => {
    const { account } = mine;
    const { clientId } = theirs;
    const sub = await ownersSub(globex);
    for (const command of [
      { kind: 'change-role', account, sub, from: 'owner', role: 'viewer' },
      { kind: 'rotate-client', account, clientId },
      { kind: 'remove-client', account, clientId },
    ]) {
      expect(await registrar(command), command.kind).toEqual(refused('not-found'));
    }
    await registrar({ kind: 'remove-member', account, sub });
    const byMail = await registrar({ kind: 'remove-member', account, sub: theirs.email });
    expect(byMail).toMatchObject({ thrown: expect.stringContaining('ZodError') });
    expect(await clientToken(host.endpoints, globex.client)).toBeTruthy();
    await acceptInvitation(host.endpoints, theirs.email, 'openid');
  });

  it('gives nobody more than the caller’s token holds', async () => {
    const { account } = acme;
    const weak = made(
      await acme.post('/v1/api-clients', {
        name: 'weak',
        scopes: ['custodia/members.write', 'custodia/api-clients.write'],
      }),
    );
    const token = await clientToken(host.endpoints, weak);
    const client = (scope: string) => ({ kind: 'add-client', account, client: mine.client, scopes: [scope] });
    expect(await registrar(client('erasures.write'), token)).toEqual(refused('forbidden'));
    expect(await registrar({ kind: 'rotate-client', account, clientId: mine.clientId }, token)).toEqual(
      refused('forbidden'),
    );
    const member = { kind: 'add-member', account, member: mine.member, email: 'thief@acme.test', role: 'owner' };
    expect(await registrar(member, token)).toEqual(refused('forbidden'));
    expect(await registrar(client('members.write'), token)).toMatchObject({ done: true });
  });
});

describe('the provisioner', () => {
  const commandsOn = ({ product, device, certificateId, credential }: Owned, newDevice: string) => [
    { kind: 'add-device', product, device: newDevice },
    { kind: 'add-certificate', product, device, credential },
    { kind: 'remove-certificate', device, certificateId },
    { kind: 'remove-device', product, device },
    { kind: 'remove-device', product, device: newDevice },
    { kind: 'remove-product', product },
  ];

  it('does nothing for another account, nor with another account’s things in the caller’s own', async () => {
    const device = 'dev_00000000000000000000000000';
    for (const command of commandsOn(theirs, device)) {
      const elsewhere = await provisioner(theirs.account, command);
      expect(elsewhere, command.kind).toEqual(refused('forbidden'));
      const asMine = await provisioner(mine.account, command);
      expect(asMine, command.kind).toEqual(refused('not-found'));
    }
    for (const command of [
      { kind: 'add-product', product: theirs.product },
      { kind: 'add-device', product: mine.product, device: theirs.device },
      { kind: 'remove-certificate', device: mine.device, certificateId: theirs.certificateId },
    ]) {
      expect(await provisioner(mine.account, command), command.kind).toEqual(refused('not-found'));
    }
    // An answer alone would not show what was done before it: device and product work as ever.
    for (const device of [theirs.itself, await makeDevice(globex, theirs.product, 'another')]) {
      await (await connectDevice(host.endpoints, device)).endAsync();
    }
  });

  it('does the same for what is the caller’s', async () => {
    for (const command of commandsOn(mine, 'dev_00000000000000000000000000')) {
      expect(await provisioner(mine.account, command), command.kind).toMatchObject({ done: true });
    }
  });
});

describe('what no handler may ask', () => {
  it('is denied: functions that are not its own, sign-ins, things, queues', async () => {
    const physical = physicalNames(host);
    const fn = (start: string) => physical('Custodia-Service', 'AWS::Lambda::Function', start);
    const { BROKER_FUNCTION, AWS_ENDPOINT_URL } = names.members;
    // The names made here are the true ones: that of a function that it may ask comes out the same.
    expect(fn('SystemBrokerFunction')).toBe(BROKER_FUNCTION);
    const pool = { UserPoolId: host.endpoints.oauth.issuer.split('/').at(-1) };
    const queue = {
      QueueUrl: `${AWS_ENDPOINT_URL}/123456789012/${physical('Custodia-State', 'AWS::SQS::Queue', 'DevicesIngest')}`,
    };
    const session = await sessionOf(host, acme);
    const others = ['Authorizer', 'EndSecrets', 'Provisioner', 'Ingest', 'DeadLetters', 'Presence', 'Jobs'];
    const calls = [
      ...others.map((name) => asking(fn(`System${name}Function`), {})),
      asking(fn('ApiOperatorFunction'), {}),
      asking(BROKER_FUNCTION, {}, session),
      ...[undefined, session].flatMap((credentials) => [
        call('cognito-identity-provider', 'AdminGetUser', { ...pool, Username: theirs.email }, credentials),
        call('cognito-identity-provider', 'AdminDeleteUser', { ...pool, Username: theirs.email }, credentials),
        call(
          'cognito-identity-provider',
          'DescribeUserPoolClient',
          { ...pool, ClientId: theirs.clientId },
          credentials,
        ),
        call(
          'cognito-identity-provider',
          'AddUserPoolClientSecret',
          { ...pool, ClientId: theirs.clientId },
          credentials,
        ),
        call('iot', 'DescribeThing', { thingName: theirs.device }, credentials),
        call('iot', 'CreateKeysAndCertificate', { setAsActive: true }, credentials),
        call('iot-data-plane', 'DeleteConnection', { clientId: theirs.device }, credentials),
        call(
          'iot-data-plane',
          'Publish',
          { topic: `dt/${theirs.account}/${theirs.product}/${theirs.device}/x` },
          credentials,
        ),
        call('sqs', 'SendMessage', { ...queue, MessageBody: 'forged' }, credentials),
        call('sqs', 'ReceiveMessage', queue, credentials),
      ]),
    ];
    const ended = await puppet(host, 'members', acme)(calls);
    const said = ended.map((end, i) => `${calls[i]?.command}: ${outcome(end)}`);
    // So says the data plane of AWS IoT.
    const denial = (service: string) => (service === 'iot-data-plane' ? 'ForbiddenException' : 'AccessDeniedException');
    expect(said).toEqual(calls.map(({ service, command }) => `${command}: ${denial(service)}`));
  });
});

describe('an hour later', () => {
  it('an old token and an old session open nothing; new ones do', async () => {
    const session = await sessionOf(host, acme);
    const row = { table: names.members.ENTITY_TABLE ?? '', pk: `A#${acme.account}#MEMBERS`, sk: mine.member };
    await host.advance(3601);
    const token = await clientToken(host.endpoints, acme.client);
    const { account } = acme;
    const make = puppet(host, 'members', { token });
    const [old, fresh, read] = await make([
      asking(names.members.BROKER_FUNCTION, { kind: 'token', token: acme.token, account }),
      asking(names.members.BROKER_FUNCTION, { kind: 'token', token, account }),
      onRow(row, 'GetItem', session),
    ]);
    expect(answered(old ?? {})).toEqual({ granted: false, reason: 'invalid-token' });
    expect(answered(fresh ?? {})).toMatchObject({ granted: true });
    expect(read && outcome(read)).toBe('ExpiredTokenException');
  });
});

const call = (service: string, command: string, input: object, credentials?: Credentials): Call => ({
  service,
  command,
  input,
  credentials,
});

/** What only the account itself can read: the person behind its owner. */
async function ownersSub(of: Program): Promise<string> {
  const row = { table: names.members.ENTITY_TABLE ?? '', pk: `A#${of.account}#MEMBERS`, sk: of.owner.memberId };
  const [found] = await puppet(host, 'members', of)([onRow(row, 'GetItem', await sessionOf(host, of))]);
  return found?.output.Item.sub.S;
}
