/**
 * An account's session: clients whose credentials IAM limits to one account (the second wall), with the names of the stores. Every
 * store function takes one, so that none can be called without an account.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';

export interface Tables {
  readonly entities: string;
  readonly readings: string;
  readonly keyring: string;
  readonly audit: string;
}

/** Where an account's data and its keys rest. */
export interface Stores {
  readonly tables: Tables;
  /** The KMS key that wraps the account's key. */
  readonly masterKeyId: string;
  /** The KMS key that wraps the account key's second copy, and encrypts all second copies. */
  readonly recoveryKeyId: string;
  /** The S3 bucket of second copies. */
  readonly keyringBucket: string;
  /** The S3 bucket of exports, and of what is uploaded to be imported. */
  readonly archiveBucket: string;
}

/** What has a key of its own, so that it can be shredded alone. `day` is `yyyy-mm-dd`, UTC. */
export type DataKeyName = { bucket: string } | { product: string; device: string } | { product: string; day: string };

/** The account's data keys, 32 bytes each, cached for at most five minutes. */
export interface AccountKeys {
  /** Throws `NoKeyError`: `missing` or `destroyed`. */
  open(name: DataKeyName): Promise<Uint8Array>;
  /** Makes it where there is none; answers it where there is one. A destroyed key is never made again. */
  ensure(name: DataKeyName): Promise<Uint8Array>;
  /** Both copies, verified. What failed half-way is finished by calling again; other processes forget it within five minutes. */
  destroy(name: DataKeyName): Promise<void>;
}

export interface AccountSession extends Stores {
  readonly account: string;
  readonly db: DynamoDBClient;
  readonly kms: KMSClient;
  readonly s3: S3Client;
  /** The account's key, 32 bytes, opened by KMS and cached for at most five minutes. */
  key(): Promise<Uint8Array>;
  readonly keys: AccountKeys;
}

/** The stores' names out of a handler's environment. */
export const storesOf = (env: {
  ENTITY_TABLE: string;
  READINGS_TABLE: string;
  KEYRING_TABLE: string;
  AUDIT_TABLE: string;
  MASTER_KEY_ID: string;
  RECOVERY_KEY_ID: string;
  KEYRING_BUCKET: string;
  ARCHIVE_BUCKET: string;
}): Stores => ({
  tables: {
    entities: env.ENTITY_TABLE,
    readings: env.READINGS_TABLE,
    keyring: env.KEYRING_TABLE,
    audit: env.AUDIT_TABLE,
  },
  masterKeyId: env.MASTER_KEY_ID,
  recoveryKeyId: env.RECOVERY_KEY_ID,
  keyringBucket: env.KEYRING_BUCKET,
  archiveBucket: env.ARCHIVE_BUCKET,
});
