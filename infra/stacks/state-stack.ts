/**
 * State: what can't be rebuilt (tables, keys, pools), and what the field depends on (endpoints, policy, rules, queues, API).
 * Retained and protected, but for a `dev` stage.
 */
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApiGateway } from '../constructs/api-gateway.ts';
import { Archives } from '../constructs/archives.ts';
import { DataTables } from '../constructs/data-tables.ts';
import { DeviceGateway } from '../constructs/device-gateway.ts';
import { Identity, secretCommand } from '../constructs/identity.ts';
import { JobFailures } from '../constructs/job-failures.ts';
import { KeyCopies } from '../constructs/key-copies.ts';
import { MasterKey } from '../constructs/master-key.ts';
import { WaitingWork } from '../constructs/waiting-work.ts';
import type { Settings } from '../settings.ts';

/** An hour of a large product, or a day's end, takes minutes. */
export const COMPACTION_TIMEOUT = Duration.minutes(5);

export class StateStack extends Stack {
  readonly tables: DataTables;
  readonly masterKey: MasterKey;
  readonly keyCopies: KeyCopies;
  readonly archives: Archives;
  readonly identity: Identity;
  readonly devices: DeviceGateway;
  readonly gateway: ApiGateway;
  /** Replaced secrets of API clients, until their end. */
  readonly secretEndings: WaitingWork;
  /** Products whose hours and days have closed. */
  readonly compaction: WaitingWork;
  readonly jobFailures: JobFailures;

  constructor(scope: Construct, id: string, { settings, ...props }: StackProps & { settings: Settings }) {
    super(scope, id, { description: 'Custodia: state, and what the field depends on', ...props });
    this.tables = new DataTables(this, 'Tables', { settings });
    this.masterKey = new MasterKey(this, 'MasterKey', { settings });
    this.keyCopies = new KeyCopies(this, 'KeyCopies', { settings });
    this.archives = new Archives(this, 'Archives', { settings });
    this.identity = new Identity(this, 'Identity', { settings });
    this.devices = new DeviceGateway(this, 'Devices', { settings });
    this.gateway = new ApiGateway(this, 'Gateway', { settings });
    this.secretEndings = new WaitingWork(this, 'SecretEndings');
    this.compaction = new WaitingWork(this, 'Compaction', { timeout: COMPACTION_TIMEOUT });
    this.jobFailures = new JobFailures(this, 'JobFailures');
    this.outputs(settings);
  }

  private outputs(settings: Settings) {
    const { identity } = this;
    const output = (name: string, description: string, value: string) =>
      new CfnOutput(this, name, { description, value });
    output('ApiUrl', 'The HTTP API', this.gateway.url);
    output('UserPoolId', 'The user pool of customers', identity.pool.userPoolId);
    output('Issuer', 'The issuer of customers’ tokens', identity.pool.userPoolProviderUrl);
    output(
      'OAuthUrl',
      'Base of /oauth2/authorize, /oauth2/token, /oauth2/revoke and /logout',
      identity.domain.baseUrl(),
    );
    output('PublicClientId', 'The OAuth client of people: code + PKCE', identity.publicClient.userPoolClientId);
    output(
      'OperatorClientId',
      'The OAuth client of the operator: client credentials',
      identity.operatorClient.userPoolClientId,
    );
    output(
      'OperatorClientSecretCommand',
      'Prints the secret of the operator’s client',
      secretCommand(identity.pool.userPoolId, identity.operatorClient.userPoolClientId),
    );
    output('OperatorPoolId', 'The user pool of operators', identity.operatorPool.userPoolId);
    output('OperatorOAuthUrl', 'Where operators sign in', identity.operatorDomain.baseUrl());
    output(
      'OperatorPublicClientId',
      'The OAuth client of operators: code + PKCE',
      identity.operatorPublicClient.userPoolClientId,
    );
    output(
      'OperatorSignIn',
      'How the first operator gets in',
      settings.operatorEmail
        ? 'The first operator was invited by mail.'
        : `aws cognito-idp admin-create-user --user-pool-id ${identity.operatorPool.userPoolId} --username YOUR-E-MAIL`,
    );
  }
}
