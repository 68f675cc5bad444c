/** The stores of accounts' data, as functions that hold an account's session are told them. */
import type { EnvOf, storeEnv } from '../../shared/platform/env.ts';
import type { StateStack } from '../stacks/state-stack.ts';

export const storeEnvOf = ({ tables, masterKey, keyCopies, archives }: StateStack): EnvOf<typeof storeEnv> => ({
  ENTITY_TABLE: tables.entities.tableName,
  READINGS_TABLE: tables.readings.tableName,
  KEYRING_TABLE: tables.keyring.tableName,
  AUDIT_TABLE: tables.audit.tableName,
  MASTER_KEY_ID: masterKey.key.keyArn,
  RECOVERY_KEY_ID: keyCopies.recoveryKey.keyArn,
  KEYRING_BUCKET: keyCopies.bucket.bucketName,
  ARCHIVE_BUCKET: archives.bucket.bucketName,
});
