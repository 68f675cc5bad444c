/**
 * The second wall: the one role that may touch an account's data, assumable by the credential broker alone, with the session tag
 * `account`. Every statement holds the session to keys, and to a KMS encryption context, that name this account. `Null … false`
 * closes what `ForAllValues` lets through when a call has no leading key at all (Scan, export).
 */
import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { ArnPrincipal, Effect, type IRole, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Archives } from './archives.ts';
import type { DataTables } from './data-tables.ts';
import type { KeyCopies } from './key-copies.ts';

/** Longest life of a session; handlers keep one for at most 50 minutes. */
const SESSION = Duration.hours(1);
/** A policy variable: the session's own tag. */
const principalTag = (name: string) => `\${aws:PrincipalTag/${name}}`;
const ACCOUNT = principalTag('account');
const OWN_COPIES = `accounts/${ACCOUNT}/keyring/*`;

export class AccountDataRole extends Construct {
  readonly role: Role;

  constructor(
    scope: Construct,
    id: string,
    props: { broker: IRole; tables: DataTables; masterKey: IKey; keyCopies: KeyCopies; archives: Archives },
  ) {
    super(scope, id);
    this.role = new Role(this, 'Role', {
      assumedBy: new ArnPrincipal(props.broker.roleArn).withSessionTags(),
      description: 'Data of one account: the session tag says which',
      maxSessionDuration: SESSION,
    });
    const { masterKey, keyCopies } = props;
    const { entities, readings, keyring, audit } = props.tables;
    const allow = (table: TableV2, ...actions: string[]) =>
      this.role.addToPolicy(ownKeysOnly([table.tableArn], actions, `A#${ACCOUNT}#*`));
    allow(entities, 'GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem');
    allow(readings, 'GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem');
    allow(keyring, 'GetItem', 'Query', 'PutItem');
    allow(audit, 'PutItem', 'Query');
    const allowKeys = (keys: IKey[], ...actions: string[]) =>
      this.role.addToPolicy(
        new PolicyStatement({
          actions: actions.map((action) => `kms:${action}`),
          resources: keys.map(({ keyArn }) => keyArn),
          conditions: { StringEquals: { 'kms:EncryptionContext:account': ACCOUNT } },
        }),
      );
    allowKeys([masterKey], 'Decrypt', 'GenerateDataKey');
    // From one copy of the account's key to the other, inside KMS.
    allowKeys([masterKey, keyCopies.recoveryKey], 'ReEncryptFrom', 'ReEncryptTo');
    keyCopies.allow(this.role, OWN_COPIES, 'GetObject', 'PutObject', 'DeleteObject');
    keyCopies.allowListing(this.role, OWN_COPIES);
    props.archives.allow(this.role, `accounts/${ACCOUNT}/*`);
  }
}

/** DynamoDB actions on items whose partition key is like the pattern, and on nothing that has no such key. */
export function ownKeysOnly(tableArns: string[], actions: string[], keys: string | string[]): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: tableArns,
    conditions: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [keys].flat() },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  });
}
