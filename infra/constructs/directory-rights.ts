/**
 * Who may touch which rows of the directory. Its keys hold ids alone, and no account that a session could be held to; so each
 * system function gets the families of keys that it works with, and nothing else.
 */
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { ownKeysOnly } from './account-data-role.ts';
import type { ServiceFunction } from './service-function.ts';

interface Right {
  readonly actions: readonly string[];
  readonly families: readonly string[];
}

/** Whom a token stands for. */
const IDENTITIES: Right = { actions: ['GetItem', 'Query'], families: ['ACCOUNT#*', 'CLIENT#*', 'SUBJECT#*'] };

/** And whom a connector's secret stands for. */
const PROOFS: Right = { ...IDENTITIES, families: [...IDENTITIES.families, 'CONNECTOR#*'] };

const RIGHTS = {
  authorizer: [IDENTITIES],
  broker: [PROOFS],
  registrar: [
    {
      actions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      families: ['ACCOUNTS', ...PROOFS.families, 'IDEMPOTENCY#*'],
    },
  ],
  provisioner: [
    PROOFS,
    {
      actions: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
      families: ['CERTIFICATE#*', 'DEVICE#*', 'PRODUCT#*', 'REVOCATIONS#*'],
    },
  ],
  ingest: [{ actions: ['BatchGetItem'], families: ['ACCOUNT#*', 'CERTIFICATE#*', 'REVOCATIONS#*'] }],
  deadLetters: [{ actions: ['GetItem'], families: ['ACCOUNT#*'] }],
  presence: [{ actions: ['GetItem'], families: ['ACCOUNT#*', 'CERTIFICATE#*', 'DEVICE#*'] }],
} as const satisfies Record<string, readonly Right[]>;

export function grantDirectory(directory: TableV2, fn: ServiceFunction, as: keyof typeof RIGHTS): void {
  for (const { actions, families } of RIGHTS[as]) {
    fn.role.addToPolicy(ownKeysOnly([directory.tableArn], [...actions], [...families]));
  }
}
