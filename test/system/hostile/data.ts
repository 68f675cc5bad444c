/**
 * Code in a handler's place that asks for another account's data: with the handler's own role, and with the session that the
 * broker gives it for its caller's account. Beside each refusal stands the same call for the caller's own account, which works.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, made, openAccount, type Program } from '../../support/api.ts';
import { exported } from '../../support/archives.ts';
import { connectDevice, makeDevice, makeProduct, publish } from '../../support/device.ts';
import {
  type Action,
  EVERY_ACTION,
  onlyDone,
  onRow,
  outcome,
  outcomes,
  type Row,
} from '../../support/hostile/data-actions.ts';
import {
  EVERY_OBJECT_ACTION,
  EVERY_PART_ACTION,
  type ObjectAction,
  onObject,
  onUpload,
} from '../../support/hostile/object-actions.ts';
import {
  type Call,
  type Credentials,
  environment,
  physicalNames,
  puppet,
  sessionOf,
} from '../../support/hostile/puppet.ts';
import { host } from './host.ts';

let acme: Program;
let globex: Program;
let env: Record<string, string>;
let session: Credentials;
let make: (calls: readonly Call[]) => ReturnType<ReturnType<typeof puppet>>;
let physical: ReturnType<typeof physicalNames>;
const products = new Map<string, string>();

beforeAll(async () => {
  acme = await openAccount(host.endpoints, 'Acme');
  globex = await openAccount(host.endpoints, 'Globex');
  for (const account of [acme, globex]) products.set(account.account, await collect(account));
  env = await environment(host, 'members', acme);
  session = await sessionOf(host, acme);
  make = puppet(host, 'members', acme);
  physical = physicalNames(host);
});

/** A product with a device whose reading has arrived. */
async function collect(of: Program): Promise<string> {
  const product = await makeProduct(of);
  const device = await makeDevice(of, product);
  const bucket = made(await of.post('/v1/buckets', { name: 'temps', source: { product, stream: 'telemetry' } }));
  const client = await connectDevice(host.endpoints, device);
  await publish(client, device.topic('telemetry'), { temperature: 21.5 });
  await client.endAsync();
  const read = () => of.get(`/v1/buckets/${bucket.id}/readings?device=${device.id}`);
  const answer = await eventually(read, ({ body }) => body?.items?.length === 1);
  expect(answer.body?.items, answer.text).toHaveLength(1);
  return product;
}

const TABLES = ['ENTITY_TABLE', 'READINGS_TABLE', 'KEYRING_TABLE', 'AUDIT_TABLE'] as const;
type Table = (typeof TABLES)[number];

/** Rows that hold something, in each table. */
const rows = ({ account, owner }: Program): Record<Table, Row> => ({
  ENTITY_TABLE: { table: env.ENTITY_TABLE ?? '', pk: `A#${account}#MEMBERS`, sk: owner.memberId },
  READINGS_TABLE: {
    table: env.READINGS_TABLE ?? '',
    pk: `A#${account}#P#${products.get(account)}#FRESH`,
    sk: 'block',
  },
  KEYRING_TABLE: { table: env.KEYRING_TABLE ?? '', pk: `A#${account}#KEYRING`, sk: 'ACCOUNT' },
  AUDIT_TABLE: {
    table: env.AUDIT_TABLE ?? '',
    pk: `A#${account}#AUDIT#${new Date().toISOString().slice(0, 7)}`,
    sk: 'event',
  },
});
/** The directory names every account, and is no account's. */
const directoryRow = ({ account }: Program): Row => ({
  table: physical('Custodia-State', 'AWS::DynamoDB::GlobalTable', 'TablesDirectory'),
  pk: `ACCOUNT#${account}`,
  sk: 'ACCOUNT',
});

/** What a session may do with rows of its own account. */
const GRANTED: Record<Table, readonly Action[]> = {
  ENTITY_TABLE: EVERY_ACTION.filter((action) => action !== 'Scan' && action !== 'BatchWriteItem'),
  READINGS_TABLE: EVERY_ACTION.filter(
    (action) => !['Scan', 'BatchWriteItem', 'TransactWriteItems ConditionCheck'].includes(action),
  ),
  KEYRING_TABLE: ['GetItem', 'Query', 'TransactGetItems', 'PutItem', 'TransactWriteItems Put'],
  AUDIT_TABLE: ['Query', 'PutItem', 'TransactWriteItems Put'],
};

describe('with the role of the handler', () => {
  it.each(TABLES)('no action on %s is allowed, not even on the caller’s own rows', async (table) => {
    for (const account of [acme, globex]) {
      expect(await outcomes(make, rows(account)[table]), account.account).toEqual(onlyDone([]));
    }
  });

  it('the directory is closed, under the name that it has', async () => {
    // The names made here are the true ones: those that the handler knows come out the same.
    expect(physical('Custodia-State', 'AWS::DynamoDB::GlobalTable', 'TablesEntities')).toBe(env.ENTITY_TABLE);
    for (const credentials of [undefined, session]) {
      expect(await outcomes(make, directoryRow(globex), credentials)).toEqual(onlyDone([]));
      expect(await outcomes(make, { ...directoryRow(acme), pk: `A#${acme.account}#X` }, credentials)).toEqual(
        onlyDone([]),
      );
    }
  });

  it('keys of KMS don’t open, and the data role can’t be assumed, whatever the tags', async () => {
    const role = physical('Custodia-Service', 'AWS::IAM::Role', 'SystemAccountDataRole');
    const [whoami] = await make([{ service: 'sts', command: 'GetCallerIdentity', input: {}, credentials: session }]);
    // The session that works everywhere below is one of this role.
    expect(whoami?.output.Arn).toContain(`:assumed-role/${role}/`);
    const tagged = (...values: string[]) => ({
      RoleArn: `arn:aws:iam::${whoami?.output.Account}:role/${role}`,
      RoleSessionName: 'mine',
      ...(values.length > 0 ? { Tags: values.map((Value) => ({ Key: 'account', Value })) } : {}),
    });
    const inputs = [tagged(globex.account), tagged(acme.account), tagged(), tagged('*')];
    for (const credentials of [undefined, session]) {
      const ended = await make(inputs.map((input) => ({ service: 'sts', command: 'AssumeRole', input, credentials })));
      // STS takes no tag with a star in it at all.
      expect(ended.map(outcome)).toEqual(['AccessDenied', 'AccessDenied', 'AccessDenied', 'ValidationError']);
    }
    const own = await make(opening(acme.account, acme.account, await wrappedKeyOf(acme)));
    expect(own.map(outcome)).toEqual(['AccessDeniedException', 'AccessDeniedException']);
  });
});

describe('with the session of its caller’s account', () => {
  it.each(TABLES)('every action on rows of another account in %s is denied', async (table) => {
    const { pk, ...rest } = rows(globex)[table];
    expect(await outcomes(make, { pk, ...rest }, session)).toEqual(onlyDone([]));
    expect(await outcomes(make, { ...rest, pk: `A#${globex.account}#NEW` }, session)).toEqual(onlyDone([]));
  });

  it.each(TABLES)('in %s, its own rows are open to what handlers do, and to nothing else', async (table) => {
    const row = { ...rows(acme)[table], pk: `A#${acme.account}#SCRATCH` };
    expect(await outcomes(make, row, session)).toEqual(onlyDone(GRANTED[table]));
  });

  it('events of its own audit trail can’t be changed or removed', async () => {
    const { table, pk } = rows(acme).AUDIT_TABLE;
    const [found] = await make([onRow({ table, pk, sk: '' }, 'Query', session)]);
    const sk: string = found?.output.Items[0].sk.S;
    const actions = ['UpdateItem', 'DeleteItem', 'TransactWriteItems Delete'] as const;
    const ended = await make(actions.map((action) => onRow({ table, pk, sk }, action, session)));
    expect(ended.map(outcome)).toEqual(actions.map(() => 'AccessDeniedException'));
  });

  it('keys that only look like its own are not', async () => {
    const { account } = acme;
    const pks = [
      `A#${account}`,
      `A#${account}x#MEMBERS`,
      `A#${account.toUpperCase()}#MEMBERS`,
      `A#${account.slice(0, -1)}?#MEMBERS`,
      'A#*#MEMBERS',
      `A#${globex.account}#A#${account}#MEMBERS`,
      `X#A#${account}#MEMBERS`,
    ];
    for (const pk of pks) {
      expect(await outcomes(make, { table: env.ENTITY_TABLE ?? '', pk, sk: 'x' }, session), pk).toEqual(onlyDone([]));
    }
  });

  it('one foreign key spoils a batch and a transaction: nothing is read, nothing is written', async () => {
    const mine: Row = { table: env.ENTITY_TABLE ?? '', pk: `A#${acme.account}#MIXED`, sk: 'x' };
    const { ENTITY_TABLE: theirs, KEYRING_TABLE: key } = rows(globex);
    const at = ({ pk, sk }: Row) => ({ pk: { S: pk }, sk: { S: sk } });
    const get = (row: Row) => ({ Get: { TableName: row.table, Key: at(row) } });
    const put = (row: Row) => ({ Put: { TableName: row.table, Item: at(row) } });
    const batch = (...keys: Row[]) => ({ RequestItems: { [mine.table]: { Keys: keys.map(at) } } });
    const all = (...items: object[]) => ({ TransactItems: items });
    const call = (command: string, input: object): Call => ({
      service: 'dynamodb',
      command,
      input,
      credentials: session,
    });
    const mixed = await make([
      call('BatchGetItem', batch(mine, theirs)),
      call('BatchGetItem', { RequestItems: { ...batch(mine).RequestItems, [key.table]: { Keys: [at(key)] } } }),
      call('TransactGetItems', all(get(mine), get(theirs))),
      call('TransactWriteItems', all(put(mine), put(theirs))),
    ]);
    expect(mixed.map(outcome)).toEqual(mixed.map(() => 'AccessDeniedException'));
    const own = await make([
      call('BatchGetItem', batch(mine)),
      call('TransactGetItems', all(get(mine))),
      call('TransactWriteItems', all(put(mine))),
    ]);
    expect(own.map(outcome)).toEqual(['done', 'done', 'done']);
    // Read before it was written: the mixed transaction had left nothing.
    expect(own[0]?.output.Responses[mine.table]).toEqual([]);
  });

  it('KMS opens and makes keys for its own account only', async () => {
    const mine = await make(opening(acme.account, acme.account, await wrappedKeyOf(acme), session));
    expect(mine.map(outcome)).toEqual(['done', 'done']);
    // As if the wrapped key had leaked.
    const leaked = await wrappedKeyOf(globex);
    const asTheirs = await make(opening(globex.account, globex.account, leaked, session));
    expect(asTheirs.map(outcome)).toEqual(['AccessDeniedException', 'AccessDeniedException']);
    const withoutContext = await make(opening(undefined, undefined, leaked, session));
    expect(withoutContext.map(outcome)).toEqual(['AccessDeniedException', 'AccessDeniedException']);
    const [asMine] = await make(opening(acme.account, acme.account, leaked, session));
    expect(asMine && outcome(asMine)).toBe('InvalidCiphertextException');
  });
});

describe('second copies of keys', () => {
  const copy = (account: string, name: string) => ({
    Bucket: env.KEYRING_BUCKET ?? '',
    Key: `accounts/${account}/keyring/${name}`,
  });
  const onCopy = async (at: ReturnType<typeof copy>, as?: Credentials) => {
    const ended = await make(EVERY_OBJECT_ACTION.map((action) => onObject(at, action, as)));
    return Object.fromEntries(EVERY_OBJECT_ACTION.map((action, i) => [action, outcome(ended[i] ?? {})]));
  };
  const only = (...granted: ObjectAction[]) =>
    Object.fromEntries(
      EVERY_OBJECT_ACTION.map((action) => [action, granted.includes(action) ? 'done' : 'AccessDenied']),
    );

  it('are closed to the role of the handler', async () => {
    for (const { account } of [acme, globex]) expect(await onCopy(copy(account, 'account'))).toEqual(only());
  });

  it('are open to the session of their account, which writes each once, and closed to every other', async () => {
    expect(await onCopy(copy(acme.account, 'buckets/new'), session)).toEqual(
      only('PutObject', 'GetObject', 'ListObjectsV2', 'DeleteObject'),
    );
    const [own] = await make([onObject(copy(acme.account, 'account'), 'PutObject', session)]);
    expect(own && outcome(own)).toBe('PreconditionFailed');
    const { Bucket, Key } = copy(acme.account, 'account');
    const [plain] = await make([
      { service: 's3', command: 'PutObject', input: { Bucket, Key, Body: 'forged' }, credentials: session },
    ]);
    expect(plain && outcome(plain)).toBe('AccessDenied');
    for (const name of ['account', 'buckets/new', 'products/prd_x/days/2026-01-01']) {
      expect(await onCopy(copy(globex.account, name), session)).toEqual(only());
    }
  });

  it('are not told of beyond the own account, and not copied out of another', async () => {
    const { Bucket, Key } = copy(globex.account, 'account');
    const prefixes = ['', 'accounts/', `accounts/${acme.account}`, `accounts/${globex.account}/keyring/`, undefined];
    const ended = await make([
      ...prefixes.map((Prefix) => ({
        service: 's3',
        command: 'ListObjectsV2',
        input: { Bucket, Prefix },
        credentials: session,
      })),
      {
        service: 's3',
        command: 'CopyObject',
        input: { ...copy(acme.account, 'buckets/stolen'), CopySource: `${Bucket}/${Key}` },
        credentials: session,
      },
    ]);
    expect(ended.map(outcome)).toEqual(ended.map(() => 'AccessDenied'));
  });

  it('open with the recovery key by way of S3 and into the master key alone, and for the own account alone', async () => {
    const [MasterKeyId, KeyId] = [env.MASTER_KEY_ID, env.RECOVERY_KEY_ID];
    const at = copy(globex.account, 'account');
    const [found] = await puppet(host, 'members', globex)([onObject(at, 'GetObject', await sessionOf(host, globex))]);
    const leaked = found?.output.Body;
    const kms = (command: string, input: object): Call => ({ service: 'kms', command, input, credentials: session });
    const rewrap = (account: string) =>
      kms('ReEncrypt', {
        CiphertextBlob: leaked,
        SourceKeyId: KeyId,
        SourceEncryptionContext: { account },
        DestinationKeyId: MasterKeyId,
        DestinationEncryptionContext: { account: acme.account },
      });
    const context = (account: string) => ({ EncryptionContext: { account } });
    const object = (account: string) => ({
      EncryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${at.Bucket}/accounts/${account}/keyring/account` },
    });
    const denied = await make([
      rewrap(globex.account),
      kms('Decrypt', { CiphertextBlob: leaked, ...context(globex.account) }),
      ...[context(acme.account), object(acme.account), object(globex.account)].map((as) =>
        kms('GenerateDataKey', { KeyId, KeySpec: 'AES_256', ...as }),
      ),
    ]);
    expect(denied.map(outcome)).toEqual(denied.map(() => 'AccessDeniedException'));
    const [asMine] = await make([rewrap(acme.account)]);
    expect(asMine && outcome(asMine)).toBe('InvalidCiphertextException');
  });
});

describe('exports and uploads', () => {
  const DENIED_ALL = (actions: readonly string[]) =>
    Object.fromEntries(actions.map((action) => [action, 'AccessDenied']));
  const named = (account: string, name: string) => ({
    Bucket: env.ARCHIVE_BUCKET ?? '',
    Key: `accounts/${account}/${name}`,
  });
  const onEach = async (at: ReturnType<typeof named>, as?: Credentials) => {
    const ended = await make(EVERY_OBJECT_ACTION.map((action) => onObject(at, action, as)));
    return Object.fromEntries(EVERY_OBJECT_ACTION.map((action, i) => [action, outcome(ended[i] ?? {})]));
  };
  const onParts = async (at: ReturnType<typeof named>, upload: string, as?: Credentials) => {
    const ended = await make(EVERY_PART_ACTION.map((action) => onUpload(at, upload, action, as)));
    return Object.fromEntries(EVERY_PART_ACTION.map((action, i) => [action, outcome(ended[i] ?? {})]));
  };
  /** Begun by the account itself. */
  async function begunUpload(of: Program, at: ReturnType<typeof named>): Promise<string> {
    const [begun] = await puppet(
      host,
      'members',
      of,
    )([onObject(at, 'CreateMultipartUpload', await sessionOf(host, of))]);
    return begun?.output.UploadId;
  }
  let archive: ReturnType<typeof named>;
  beforeAll(async () => {
    const { id } = await exported(globex, { scope: { account: true }, format: 'archive' });
    archive = named(globex.account, `exports/${id}/archive.zip`);
  });

  it('are closed to the role of the handler', async () => {
    for (const { account } of [acme, globex])
      expect(await onEach(named(account, 'exports/new'))).toEqual(DENIED_ALL(EVERY_OBJECT_ACTION));
    expect(await onEach(archive)).toEqual(DENIED_ALL(EVERY_OBJECT_ACTION));
  });

  it('are open to the session of their account, which may list none of them', async () => {
    expect(await onEach(named(acme.account, 'imports/new'), session)).toEqual({
      PutObject: 'done',
      GetObject: 'done',
      ListObjectsV2: 'AccessDenied',
      'CopyObject onto itself': 'InvalidRequest',
      CreateMultipartUpload: 'done',
      DeleteObject: 'done',
    });
    const at = named(acme.account, 'imports/parts');
    expect(await onParts(at, await begunUpload(acme, at), session)).toEqual({
      UploadPart: 'done',
      ListParts: 'done',
      CompleteMultipartUpload: 'InvalidPart',
      AbortMultipartUpload: 'done',
    });
    const [listed] = await make([
      { service: 's3', command: 'ListMultipartUploads', input: { Bucket: at.Bucket }, credentials: session },
    ]);
    expect(listed && outcome(listed)).toBe('AccessDenied');
  });

  it('are closed to every other session: no export is read, replaced or removed, no upload joined', async () => {
    const before = await made(await globex.get(`/v1/exports/${archive.Key.split('/')[3]}`), 200);
    expect(before).toMatchObject({ status: 'succeeded' });
    const upload = named(globex.account, 'imports/theirs');
    const theirs = await begunUpload(globex, upload);
    expect(theirs).toMatch(/./);
    for (const at of [archive, upload, named(globex.account, 'exports/new'), named(`${acme.account}x`, 'exports/new')])
      expect(await onEach(at, session), at.Key).toEqual(DENIED_ALL(EVERY_OBJECT_ACTION));
    expect(await onParts(upload, theirs, session)).toEqual(DENIED_ALL(EVERY_PART_ACTION));
    const copies = await make(
      [
        { ...named(acme.account, 'imports/stolen'), CopySource: `${archive.Bucket}/${archive.Key}` },
        { ...archive, CopySource: `${archive.Bucket}/${named(acme.account, 'imports/new').Key}` },
      ].map((input) => ({ service: 's3', command: 'CopyObject', input, credentials: session })),
    );
    expect(copies.map(outcome)).toEqual(['AccessDenied', 'AccessDenied']);
    // It is there, and as it was.
    const [found] = await puppet(
      host,
      'members',
      globex,
    )([onObject(archive, 'GetObject', await sessionOf(host, globex))]);
    expect(Buffer.from(found?.output.Body.$bytes, 'base64').length).toBe(before.file.bytes);
  });
});

/** Opening a wrapped key, and making a new one. */
function opening(decryptFor: string | undefined, makeFor: string | undefined, key: unknown, as?: Credentials): Call[] {
  const context = (account: string | undefined) => (account ? { EncryptionContext: { account } } : {});
  const KeyId = env.MASTER_KEY_ID;
  return [
    { service: 'kms', command: 'Decrypt', input: { CiphertextBlob: key, ...context(decryptFor) }, credentials: as },
    {
      service: 'kms',
      command: 'GenerateDataKey',
      input: { KeyId, KeySpec: 'AES_256', ...context(makeFor) },
      credentials: as,
    },
  ];
}

/** Read with the account's own session. */
async function wrappedKeyOf(of: Program): Promise<unknown> {
  const [found] = await puppet(
    host,
    'members',
    of,
  )([onRow(rows(of).KEYRING_TABLE, 'GetItem', await sessionOf(host, of))]);
  return found?.output.Item.key.B;
}
