/**
 * An account's session: clients whose credentials IAM limits to one account (the second wall), with the names of the stores. Every
 * store function takes one, so that none can be called without an account.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';

export interface Tables {
  readonly entities: string;
  readonly readings: string;
  readonly keyring: string;
  readonly audit: string;
}

export interface AccountSession {
  readonly account: string;
  readonly db: DynamoDBClient;
  readonly kms: KMSClient;
  readonly masterKeyId: string;
  readonly tables: Tables;
  /** The account's data key, 32 bytes, opened by KMS and cached for at most five minutes. */
  key(): Promise<Uint8Array>;
}

/** The stores' names out of a handler's environment. */
export const tablesOf = (env: {
  ENTITY_TABLE: string;
  READINGS_TABLE: string;
  KEYRING_TABLE: string;
  AUDIT_TABLE: string;
}): Tables => ({
  entities: env.ENTITY_TABLE,
  readings: env.READINGS_TABLE,
  keyring: env.KEYRING_TABLE,
  audit: env.AUDIT_TABLE,
});
