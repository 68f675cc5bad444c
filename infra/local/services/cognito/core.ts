/** Everything that the endpoints, pages, API operations and providers work with; made once in cognito.ts. */
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../contract.ts';
import type { Clients } from './client/clients.ts';
import type { Logins } from './login/logins.ts';
import type { Pools } from './pool/pools.ts';
import type { Grants } from './token/grants.ts';
import type { SigningKeys } from './token/signing-keys.ts';
import type { Tokens } from './token/tokens.ts';
import type { ManageUsers } from './user/manage-users.ts';
import type { Passwords } from './user/passwords.ts';
import type { SignInAttempts } from './user/sign-in-attempts.ts';
import type { Users } from './user/users.ts';

export interface Core {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly pools: Pools;
  readonly clients: Clients;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly manage: ManageUsers;
  readonly attempts: SignInAttempts;
  readonly keys: SigningKeys;
  readonly grants: Grants;
  readonly tokens: Tokens;
  readonly logins: Logins;
  /** `http://localhost:9000`, without a slash at its end. */
  authOrigin(): string;
}
