/** A front door with a small table service behind it, for tests. */

import type { AwsError, AwsService, Place, PolicyDocument, PolicyStatement } from '../../../infra/local/contract.ts';
import type { LocalAuthority } from '../../../infra/local/front-door/authority.ts';
import { createAuthority } from '../../../infra/local/front-door/authority.ts';
import type { Call, FrontDoor } from '../../../infra/local/front-door/server.ts';
import { createFrontDoor } from '../../../infra/local/front-door/server.ts';
import type { Credentials } from '../../../infra/local/front-door/sessions.ts';
import { createSts } from '../../../infra/local/front-door/sts/sts.ts';

export const place: Place = { account: '123456789012', region: 'eu-central-1' };
export const TABLE = `arn:aws:dynamodb:${place.region}:${place.account}:table/Main`;
export const roleArn = (name: string): string => `arn:aws:iam::${place.account}:role/${name}`;

export const allow = (statement: Omit<PolicyStatement, 'Effect'>): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', ...statement }],
});
export const trust = (principal: NonNullable<PolicyStatement['Principal']>, ...actions: string[]): PolicyDocument =>
  allow({ Principal: principal, Action: actions.length > 0 ? actions : 'sts:AssumeRole' });
export const LAMBDA = trust({ Service: 'lambda.amazonaws.com' });

export class TestClock {
  #offset = 0;
  now(): number {
    return Date.now() + this.#offset;
  }
  advance(ms: number): void {
    this.#offset += ms;
  }
}

export interface TestDoor {
  readonly door: FrontDoor;
  readonly authority: LocalAuthority;
  readonly clock: TestClock;
  readonly calls: Call[];
  readonly logged: string[];
  /** Calls that took effect in the table service. */
  readonly ran: string[];
  /** A role that Lambda may use, and a session of it. */
  session(name: string, ...policies: PolicyDocument[]): Credentials;
}

export async function openDoor(
  more: (authority: LocalAuthority, clock: TestClock) => AwsService[] = () => [],
): Promise<TestDoor> {
  const clock = new TestClock();
  const services: AwsService[] = [];
  const ran: string[] = [];
  const authority = createAuthority({
    place,
    clock,
    resourcePolicies: (arn) => services.flatMap((service) => service.resourcePolicies?.(arn) ?? []),
  });
  services.push(createSts({ authority, place, clock }), tableService(ran), ...more(authority, clock));
  const calls: Call[] = [];
  const logged: string[] = [];
  const door = await createFrontDoor({
    authority,
    services,
    place,
    clock,
    log: (message) => logged.push(message),
    onCall: (call) => calls.push(call),
  });
  return {
    door,
    authority,
    clock,
    calls,
    logged,
    ran,
    session(name, ...policies) {
      const named = Object.fromEntries(policies.map((policy, index) => [`p${index}`, policy]));
      authority.roles.put({ arn: roleArn(name), trust: LAMBDA, policies: named });
      return authority.issueSession(roleArn(name), 'lambda.amazonaws.com', name);
    },
  };
}

/** Of a client whose own clock is that of the host, as in a worker. */
export const clientConfig = ({ door, clock }: TestDoor, credentials: Credentials) => ({
  systemClockOffset: clock.now() - Date.now(),
  endpoint: door.url,
  region: place.region,
  credentials,
  maxAttempts: 1,
});

type Item = Record<string, { S: string }>;

/** Knows enough of DynamoDB to demand what the real one does, and says which items it was asked for. */
function tableService(ran: string[]): AwsService {
  const keysOf = (input: { Key?: Item; RequestItems?: Record<string, { Keys: Item[] }> }): string[] => {
    const keys = input.Key ? [input.Key] : Object.values(input.RequestItems ?? {}).flatMap(({ Keys }) => Keys);
    return keys.map((key) => key.pk?.S ?? '');
  };
  const json = (status: number, body: unknown) => ({
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(body),
  });
  return {
    signingName: 'dynamodb',
    operation({ headers, body }) {
      const name = headers['x-amz-target']?.split('.')[1] ?? '';
      if (name === 'ListTables') throw new Error('the table service broke');
      const keys = keysOf(JSON.parse(body.toString()));
      const context = { 'dynamodb:LeadingKeys': name === 'Scan' ? undefined : keys };
      return {
        name,
        demands: [{ action: `dynamodb:${name}`, resource: TABLE, context }],
        run: async () => {
          ran.push(name);
          return json(200, name === 'Scan' ? { Count: 0 } : { Item: { pk: { S: keys.join() } } });
        },
      };
    },
    errorResponse: (error: AwsError) => json(error.status, { __type: error.code, message: error.message }),
  };
}
