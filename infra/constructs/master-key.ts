/** The KMS key that wraps account keys. The encryption context `account` ties each use to one account. */
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { stateLifetime } from './lifetime.ts';

export class MasterKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { settings }: { settings: Settings }) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'Custodia: wraps the key of each account',
      enableKeyRotation: true,
      removalPolicy: stateLifetime(settings).removalPolicy,
    });
  }
}
