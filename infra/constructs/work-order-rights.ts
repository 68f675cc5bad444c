/**
 * Who may seal or open work orders: by the master key, for an encryption context that is a work order's and nothing else. An account's
 * session is held to a context of another name, so it can neither make an order nor open one.
 */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ServiceFunction } from './service-function.ts';

export function grantWorkOrders(masterKey: IKey, fn: ServiceFunction, ...actions: ('kms:Encrypt' | 'kms:Decrypt')[]) {
  fn.role.addToPolicy(
    new PolicyStatement({
      actions,
      resources: [masterKey.keyArn],
      conditions: {
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['workOrder'] },
        Null: { 'kms:EncryptionContext:workOrder': 'false' },
      },
    }),
  );
}
