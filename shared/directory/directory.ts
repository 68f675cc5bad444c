/**
 * The directory: who and what exists, by ids alone. Authorizer, broker, ingest and presence read it; the registrar and the
 * provisioner write it, for the account of the caller's token and conditionally. Reads are consistent: a revocation holds at once.
 */
import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { ROLES } from '../api/scopes.ts';
import { connectorKind } from '../connector/connector.ts';
import * as keys from './directory-keys.ts';

export interface Directory {
  readonly db: DynamoDBClient;
  readonly table: string;
}

type Key = { pk: string; sk: string };

const accountRow = z.object({ status: z.enum(['active', 'suspended']), createdAt: z.number() });
const subjectRow = z.object({ sk: z.string(), member: z.string(), role: z.enum(ROLES) });
const clientRow = z.object({ account: z.string(), client: z.string() });
const productRow = z.object({ account: z.string() });
const deviceRow = z.object({ account: z.string(), product: z.string() });
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

/** Rows by certificate id; a missing one is absent. DynamoDB takes 100 keys a request. */
export async function findCertificates(
  { db, table }: Directory,
  ids: readonly string[],
): Promise<Map<string, CertificateRow>> {
  const found = new Map<string, CertificateRow>();
  const wanted = [...new Set(ids)].map((id) => marshall(keys.certificateKey(id)));
  for (let i = 0; i < wanted.length; i += 100) {
    let Keys: typeof wanted | undefined = wanted.slice(i, i + 100);
    while (Keys?.length) {
      const answer: Awaited<ReturnType<typeof get>> = await get(Keys);
      for (const item of answer.Responses?.[table] ?? []) {
        const row = unmarshall(item);
        found.set(String(row.pk).slice('CERTIFICATE#'.length), certificateRow.parse(row));
      }
      Keys = answer.UnprocessedKeys?.[table]?.Keys as typeof wanted | undefined;
    }
  }
  return found;

  function get(Keys: typeof wanted) {
    return db.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }));
  }
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
export const addDevice = (d: Directory, device: string, row: { account: string; product: string }) =>
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
    await db.send(new TransactWriteItemsCommand({ TransactItems: items }));
  } catch (error) {
    const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
    const failed = reasons.flatMap(({ Code }, index) => (Code === 'ConditionalCheckFailed' ? [index] : []));
    throw failed.length > 0 ? new DirectoryConflict(failed) : error;
  }
}
