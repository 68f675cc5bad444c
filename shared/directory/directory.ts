/**
 * The directory: who and what exists, by ids alone. Authorizer, broker, ingest and presence read it; the registrar and the
 * provisioner write it, for the account of the caller's token and conditionally. Reads are consistent: a revocation holds at once.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type TransactWriteItem,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { ROLES } from '../api/scopes.ts';
import { connectorKind } from '../connector/connector.ts';
import { getItems, type Key } from '../platform/dynamodb.ts';
import { canceledFor, transact } from '../platform/transact.ts';
import * as keys from './directory-keys.ts';

export interface Directory {
  readonly db: DynamoDBClient;
  readonly table: string;
}

const accountRow = z.object({ status: z.enum(['active', 'suspended']), createdAt: z.number() });
const subjectRow = z.object({ sk: z.string(), member: z.string(), role: z.enum(ROLES) });
const clientRow = z.object({ account: z.string(), client: z.string() });
const revocationsRow = z.object({ n: z.number() });
const productRow = z.object({ account: z.string() });
/** `number` tells devices of one product apart in a few bytes, for as long as readings of them may lie anywhere. */
const deviceRow = z.object({ account: z.string(), product: z.string(), number: z.number() });
const connectorRow = z.object({
  account: z.string(),
  product: z.string(),
  connectorKind,
  createDevices: z.boolean(),
  /** SHA-256, base64url. */
  secretHash: z.string(),
});
const certificateRow = z.object({
  account: z.string(),
  product: z.string(),
  device: z.string(),
  number: z.number(),
  credential: z.string(),
});

export type ConnectorRow = z.output<typeof connectorRow>;
export type CertificateRow = z.output<typeof certificateRow>;

/** A row is not as the writer expected: already there, gone, or of another account. */
export class DirectoryConflict extends Error {
  /** Which of the items that were to be written. */
  readonly failed: readonly number[];
  constructor(failed: readonly number[]) {
    super('The directory is not as expected.');
    this.name = 'DirectoryConflict';
    this.failed = failed;
  }
}

async function read<T extends z.ZodType>(
  { db, table }: Directory,
  key: Key,
  schema: T,
): Promise<z.output<T> | undefined> {
  const { Item } = await db.send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }));
  return Item && schema.parse(unmarshall(Item));
}

export const findAccount = (d: Directory, account: string) => read(d, keys.accountKey(account), accountRow);
export const findClient = (d: Directory, clientId: string) => read(d, keys.clientKey(clientId), clientRow);
export const findProduct = (d: Directory, product: string) => read(d, keys.productKey(product), productRow);
export const findDevice = (d: Directory, device: string) => read(d, keys.deviceKey(device), deviceRow);
export const findConnector = (d: Directory, connector: string) => read(d, keys.connectorKey(connector), connectorRow);
export const findCertificate = (d: Directory, id: string) => read(d, keys.certificateKey(id), certificateRow);

/** The accounts that a person belongs to; a person has few. */
export async function findSubject({ db, table }: Directory, sub: string) {
  const { Items = [] } = await db.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': keys.subjectPartition(sub) }),
      ConsistentRead: true,
    }),
  );
  return Items.map((item) => {
    const { sk: account, member, role } = subjectRow.parse(unmarshall(item));
    return { account, member, role };
  });
}

/** Rows by certificate id; a missing one is absent. */
export async function findCertificates(d: Directory, ids: readonly string[]): Promise<Map<string, CertificateRow>> {
  const rows = await readMany(d, [...new Set(ids)].map(keys.certificateKey));
  return new Map([...rows].map(([pk, row]) => [pk.slice('CERTIFICATE#'.length), certificateRow.parse(row)]));
}

/** What ingest has to know of an account. */
export interface AccountState {
  readonly status: z.output<typeof accountRow>['status'];
  /** How often certificates of the account have ended: who has read one before may believe it while this stands. */
  readonly revocations: number;
}

/** States by account; a missing one is absent. */
export async function findAccountStates(d: Directory, accounts: readonly string[]): Promise<Map<string, AccountState>> {
  const wanted = [...new Set(accounts)];
  const rows = await readMany(d, [...wanted.map(keys.accountKey), ...wanted.map(keys.revocationsKey)]);
  return new Map(
    wanted.flatMap((account) => {
      const row = rows.get(keys.accountKey(account).pk);
      const ended = rows.get(keys.revocationsKey(account).pk);
      const revocations = ended ? revocationsRow.parse(ended).n : 0;
      return row ? [[account, { status: accountRow.parse(row).status, revocations }]] : [];
    }),
  );
}

/** Rows by partition key; a missing one is absent. */
async function readMany(
  { db, table }: Directory,
  wanted: readonly Key[],
): Promise<Map<string, Record<string, unknown>>> {
  const rows = (await getItems(db, table, wanted)).map((item) => unmarshall(item));
  return new Map(rows.map((row) => [String(row.pk), row]));
}

/** One page of all accounts, oldest first. */
export async function listAccounts({ db, table }: Directory, page: { limit: number; after?: string | undefined }) {
  const { Items = [], LastEvaluatedKey } = await db.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': keys.accountsPartition }),
      Limit: page.limit,
      ConsistentRead: true,
      ...(page.after ? { ExclusiveStartKey: marshall(keys.accountListKey(page.after)) } : {}),
    }),
  );
  return {
    ids: Items.map((item) => z.object({ sk: z.string() }).parse(unmarshall(item)).sk),
    more: LastEvaluatedKey !== undefined,
  };
}

export const absent = (d: Directory, key: Key, row: object): TransactWriteItem => ({
  Put: { TableName: d.table, Item: marshall({ ...key, ...row }), ConditionExpression: 'attribute_not_exists(pk)' },
});
const ofAccount = (account: string) => ({
  ConditionExpression: 'account = :account',
  ExpressionAttributeValues: marshall({ ':account': account }),
});

export const addClient = (d: Directory, clientId: string, account: string, client: string) =>
  absent(d, keys.clientKey(clientId), { account, client });
export const addConnector = (d: Directory, connector: string, row: ConnectorRow) =>
  absent(d, keys.connectorKey(connector), row);
export const addProduct = (d: Directory, product: string, account: string) =>
  absent(d, keys.productKey(product), { account });
export const addDevice = (d: Directory, device: string, row: z.output<typeof deviceRow>) =>
  absent(d, keys.deviceKey(device), row);
export const addCertificate = (d: Directory, id: string, row: CertificateRow) =>
  absent(d, keys.certificateKey(id), row);

const remove = (d: Directory, key: Key, account: string): TransactWriteItem => ({
  Delete: { TableName: d.table, Key: marshall(key), ...ofAccount(account) },
});
export const removeClient = (d: Directory, clientId: string, account: string) =>
  remove(d, keys.clientKey(clientId), account);
export const removeConnector = (d: Directory, connector: string, account: string) =>
  remove(d, keys.connectorKey(connector), account);
export const removeProduct = (d: Directory, product: string, account: string) =>
  remove(d, keys.productKey(product), account);
export const removeDevice = (d: Directory, device: string, account: string) =>
  remove(d, keys.deviceKey(device), account);
export const removeCertificate = (d: Directory, id: string, account: string) =>
  remove(d, keys.certificateKey(id), account);

/**
 * Whoever believes rows of certificates reads them again. To stand in one transaction with what removes them, so that no crash
 * parts the two.
 */
export const countRevocation = (d: Directory, account: string): TransactWriteItem => ({
  Update: {
    TableName: d.table,
    Key: marshall(keys.revocationsKey(account)),
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: marshall({ ':one': 1 }),
  },
});

/** The product's next number for a device: 1, 2, …, and none is ever given again. Throws `DirectoryConflict` for a product that isn't the account's. */
export async function nextDeviceNumber({ db, table }: Directory, product: string, account: string): Promise<number> {
  try {
    const { Attributes = {} } = await db.send(
      new UpdateItemCommand({
        TableName: table,
        Key: marshall(keys.productKey(product)),
        UpdateExpression: 'ADD devices :one',
        ConditionExpression: 'account = :account',
        ExpressionAttributeValues: marshall({ ':one': 1, ':account': account }),
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return z.object({ devices: z.number() }).parse(unmarshall(Attributes)).devices;
  } catch (error) {
    throw error instanceof ConditionalCheckFailedException ? new DirectoryConflict([0]) : error;
  }
}

export const changeStatus = (d: Directory, account: string, status: string): TransactWriteItem => ({
  Update: {
    TableName: d.table,
    Key: marshall(keys.accountKey(account)),
    UpdateExpression: 'SET #status = :status',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: marshall({ ':status': status }),
  },
});

/** Writes all or nothing. Throws `DirectoryConflict` where a row is not as expected. */
export async function writeDirectory({ db }: Directory, items: TransactWriteItem[]): Promise<void> {
  try {
    await transact(db, items);
  } catch (error) {
    const failed = canceledFor(error, 'ConditionalCheckFailed');
    throw failed.length > 0 ? new DirectoryConflict(failed) : error;
  }
}
