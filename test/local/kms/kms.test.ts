// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like template literals
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetPublicKeyCommand,
  KMSClient,
  ReEncryptCommand,
  SignCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../../infra/local/contract.ts';
import { sessionPrincipal } from '../../../infra/local/front-door/authority.ts';
import type { Kms } from '../../../infra/local/services/kms/kms.ts';
import { createKms } from '../../../infra/local/services/kms/kms.ts';
import { kmsProviders } from '../../../infra/local/services/kms/kms-providers.ts';
import type { TestDoor } from '../front-door/door.ts';
import { allow, clientConfig, openDoor, place, roleArn } from '../front-door/door.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'kms-'));
const clients: KMSClient[] = [];
let test: TestDoor;
let kms: Kms;
let keyId: string;
let signingKey: string;

async function createKey(logicalId: string, properties: Record<string, unknown> = {}): Promise<string> {
  const provider = kmsProviders(kms, place).find(({ type }) => type === 'AWS::KMS::Key');
  const resource = { stack: 'State', logicalId, type: 'AWS::KMS::Key', properties, metadata: {} };
  return (await provider!.create(resource)).ref;
}

function clientFor(role: string, ...policies: PolicyDocument[]): KMSClient {
  const client = new KMSClient(clientConfig(test, test.session(role, ...policies)));
  clients.push(client);
  return client;
}

/** A client of the account data role's session for one account. */
function clientOf(account: string): KMSClient {
  test.session(
    'AccountData',
    allow({
      Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
      Resource: '*',
      Condition: {
        StringEquals: { 'kms:EncryptionContext:account': '${aws:PrincipalTag/account}' },
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['account'] },
      },
    }),
  );
  const principal = sessionPrincipal(test.authority.roles, place, roleArn('AccountData'), account, {
    tags: { account },
  });
  const client = new KMSClient(clientConfig(test, test.authority.sessions.issue(principal)));
  clients.push(client);
  return client;
}

let admin: KMSClient;
beforeAll(async () => {
  test = await openDoor((_, clock) => {
    kms = createKms({ dir, clock, ...place });
    return [kms];
  });
  keyId = await createKey('Master');
  signingKey = await createKey('Signing', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  admin = clientFor('Admin', allow({ Action: 'kms:*', Resource: '*' }));
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await test.door.close();
  rmSync(dir, { recursive: true });
});

const EncryptionContext = { account: 'acc_1', purpose: 'x' };
const secret = Buffer.from('secret');
const encrypt = async (context: Record<string, string> | undefined = EncryptionContext) => {
  const { CiphertextBlob } = await admin.send(
    new EncryptCommand({ KeyId: keyId, Plaintext: secret, ...(context && { EncryptionContext: context }) }),
  );
  return CiphertextBlob as Uint8Array;
};
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

describe('symmetric keys', () => {
  it('encrypt and decrypt, the context in any order', async () => {
    const CiphertextBlob = await encrypt();
    expect(Buffer.from(CiphertextBlob).includes(secret)).toBe(false);
    const turned = { purpose: 'x', account: 'acc_1' };
    const opened = await admin.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: turned }));
    expect(text(opened.Plaintext)).toBe('secret');
    expect(opened.KeyId).toBe(`arn:aws:kms:${place.region}:${place.account}:key/${keyId}`);
  });

  it.each<[string, Record<string, string> | undefined]>([
    ["another account's context", { ...EncryptionContext, account: 'acc_2' }],
    ['a part of the context', { account: 'acc_1' }],
    ['no context', undefined],
    ['more context', { ...EncryptionContext, more: 'x' }],
    ['another case', { Account: 'acc_1', purpose: 'x' }],
  ])('do not open with %s', async (_, context) => {
    const request = { CiphertextBlob: await encrypt(), ...(context && { EncryptionContext: context }) };
    await expect(admin.send(new DecryptCommand(request))).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('do not open when any byte was altered', async () => {
    const blob = await encrypt();
    for (const [index] of blob.entries()) {
      const CiphertextBlob = Uint8Array.from(blob, (byte, at) => (at === index ? byte ^ 1 : byte));
      const opened = admin.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
      await expect(opened, `byte ${index}`).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    }
    const short = admin.send(new DecryptCommand({ CiphertextBlob: blob.subarray(0, 45), EncryptionContext }));
    await expect(short).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('make data keys', async () => {
    const made = await admin.send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: 'AES_256', EncryptionContext }));
    expect(made.Plaintext).toHaveLength(32);
    const opened = await admin.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext }));
    expect(opened.Plaintext).toEqual(made.Plaintext);
    const blind = await admin.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: keyId, NumberOfBytes: 64 }));
    expect(blind).not.toHaveProperty('Plaintext');
    expect((await admin.send(new DecryptCommand({ CiphertextBlob: blind.CiphertextBlob }))).Plaintext).toHaveLength(64);
  });

  it('re-encrypt from one key and context to another', async () => {
    const DestinationKeyId = await createKey('Second');
    const moved = await admin.send(
      new ReEncryptCommand({
        CiphertextBlob: await encrypt(),
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId,
        DestinationEncryptionContext: { account: 'acc_9' },
      }),
    );
    const { CiphertextBlob } = moved;
    const opened = await admin.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { account: 'acc_9' } }));
    expect([text(opened.Plaintext), opened.KeyId]).toEqual(['secret', expect.stringContaining(DestinationKeyId)]);
    const wrongKey = new DecryptCommand({ CiphertextBlob, KeyId: keyId, EncryptionContext: { account: 'acc_9' } });
    await expect(admin.send(wrongKey)).rejects.toMatchObject({ name: 'IncorrectKeyException' });
  });

  it('describe themselves, by id, ARN and alias', async () => {
    const [, aliasProvider] = kmsProviders(kms, place);
    const properties = { AliasName: 'alias/master', TargetKeyId: keyId };
    await aliasProvider!.create({ stack: 'State', logicalId: 'A', type: 'AWS::KMS::Alias', properties, metadata: {} });
    const prefix = `arn:aws:kms:${place.region}:${place.account}:`;
    for (const KeyId of [keyId, `${prefix}key/${keyId}`, 'alias/master', `${prefix}alias/master`]) {
      const { KeyMetadata } = await admin.send(new DescribeKeyCommand({ KeyId }));
      expect(KeyMetadata).toMatchObject({ KeyId: keyId, KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT' });
      expect(KeyMetadata?.CreationDate?.getTime()).toBeCloseTo(Date.now(), -5);
    }
  });

  it.each([
    ['an unknown key', new DescribeKeyCommand({ KeyId: 'alias/none' }), 'NotFoundException'],
    [
      'too much plaintext',
      () => new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.alloc(4097) }),
      'ValidationException',
    ],
    ['no size of a data key', () => new GenerateDataKeyCommand({ KeyId: keyId }), 'ValidationException'],
    [
      'a parameter that it does not serve',
      () => new EncryptCommand({ KeyId: keyId, Plaintext: secret, DryRun: true }),
      'ValidationException',
    ],
    [
      'encryption with a signing key',
      () => new EncryptCommand({ KeyId: signingKey, Plaintext: secret }),
      'InvalidKeyUsageException',
    ],
    ['an action that it does not serve', new CreateKeyCommand({}), 'UnknownOperationException'],
  ])('refuse %s', async (_, command, name) => {
    const made = typeof command === 'function' ? command() : command;
    await expect(admin.send(made as EncryptCommand)).rejects.toMatchObject({ name });
  });

  it('refuse every use while disabled', async () => {
    const KeyId = await createKey('Off', { Enabled: false });
    const use = admin.send(new EncryptCommand({ KeyId, Plaintext: secret }));
    await expect(use).rejects.toMatchObject({ name: 'DisabledException' });
    const { KeyMetadata } = await admin.send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ Enabled: false, KeyState: 'Disabled' });
  });
});

describe("policies on the encryption context keep accounts' keys apart", () => {
  const generate = (context?: Record<string, string>) =>
    new GenerateDataKeyCommand({ KeyId: keyId, NumberOfBytes: 32, ...(context && { EncryptionContext: context }) });
  const denied = { name: 'AccessDeniedException' };

  it('own account', async () => {
    const own = clientOf('acc_1');
    const { CiphertextBlob } = await own.send(generate({ account: 'acc_1' }));
    await own.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { account: 'acc_1' } }));
    const foreign = new DecryptCommand({ CiphertextBlob, EncryptionContext: { account: 'acc_1' } });
    await expect(clientOf('acc_2').send(foreign)).rejects.toMatchObject(denied);
  });

  it.each<[string, Record<string, string> | undefined]>([
    ['another account', { account: 'acc_2' }],
    ['none', undefined],
    ['both, by case', { account: 'acc_2', Account: 'acc_1' }],
    ['one more key', { account: 'acc_1', other: 'x' }],
    ['a star', { account: '*' }],
  ])('refuses the context of %s', async (_, context) => {
    await expect(clientOf('acc_1').send(generate(context))).rejects.toMatchObject(denied);
  });

  it('re-encryption needs the right to the old context and to the new', async () => {
    const only = (action: string, account: string) =>
      allow({
        Action: action,
        Resource: '*',
        Condition: { StringEquals: { 'kms:EncryptionContext:account': account } },
      });
    const mover = clientFor('Mover', only('kms:ReEncryptFrom', 'acc_1'), only('kms:ReEncryptTo', 'acc_2'));
    const CiphertextBlob = await encrypt({ account: 'acc_1' });
    const move = (account: string) =>
      new ReEncryptCommand({
        CiphertextBlob,
        SourceEncryptionContext: { account: 'acc_1' },
        DestinationKeyId: keyId,
        DestinationEncryptionContext: { account },
      });
    await mover.send(move('acc_2'));
    await expect(mover.send(move('acc_1'))).rejects.toThrow(/kms:ReEncryptTo/);
  });

  it("a key's own policy decides before any role's", async () => {
    const statement = { Effect: 'Allow', Principal: { AWS: roleArn('Keeper') }, Action: 'kms:*', Resource: '*' };
    const KeyId = await createKey('Guarded', { KeyPolicy: { Version: '2012-10-17', Statement: [statement] } });
    const use = new EncryptCommand({ KeyId, Plaintext: secret });
    await expect(admin.send(use)).rejects.toThrow(/because no resource-based policy allows the kms:Encrypt action/);
    await clientFor('Keeper').send(use);
    await expect(clientFor('Poor').send(new EncryptCommand({ KeyId: keyId, Plaintext: secret }))).rejects.toMatchObject(
      denied,
    );
  });
});

describe('signing keys', () => {
  it('sign messages and digests; the public key verifies', async () => {
    const { PublicKey, ...rest } = await admin.send(new GetPublicKeyCommand({ KeyId: signingKey }));
    expect(rest).toMatchObject({
      KeyUsage: 'SIGN_VERIFY',
      KeySpec: 'ECC_NIST_P256',
      SigningAlgorithms: ['ECDSA_SHA_256'],
    });
    const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
    const message = Buffer.from('to be signed');
    const digest = createHash('sha256').update(message).digest();
    // Often enough to meet numbers with a leading zero or a high bit.
    for (let round = 0; round < 24; round++) {
      const [Message, MessageType] = round % 2 === 0 ? [message, 'RAW' as const] : [digest, 'DIGEST' as const];
      const command = new SignCommand({ KeyId: signingKey, Message, MessageType, SigningAlgorithm: 'ECDSA_SHA_256' });
      const { Signature } = await admin.send(command);
      expect(verify('sha256', message, key, Buffer.from(Signature ?? []))).toBe(true);
      expect(verify('sha256', Buffer.from('other'), key, Buffer.from(Signature ?? []))).toBe(false);
    }
  });

  it.each([
    ['a digest of another size', { Message: Buffer.alloc(31), MessageType: 'DIGEST' as const }, 'ValidationException'],
    ['another algorithm', { Message: secret, SigningAlgorithm: 'ECDSA_SHA_384' as const }, 'ValidationException'],
  ])('refuse %s', async (_, input, name) => {
    const command = new SignCommand({ KeyId: signingKey, SigningAlgorithm: 'ECDSA_SHA_256', ...input });
    await expect(admin.send(command)).rejects.toMatchObject({ name });
  });
});
