/** What the registrar works with, and how it answers. */
import type { Directory } from '../directory/directory.ts';
import type { Identity } from '../identity/identity.ts';
import type { Now } from '../platform/clock.ts';
import type { ClientSecrets } from './client-secrets.ts';
import type { RegistrarAnswer } from './registrar-protocol.ts';
import type { EndSecretLater } from './secret-endings.ts';
import type { UserPool } from './user-pool.ts';

export interface RegistrarDeps {
  readonly establish: (token: string) => Promise<Identity | undefined>;
  readonly directory: Directory;
  readonly pool: UserPool;
  readonly secrets: ClientSecrets;
  readonly endSecretLater: EndSecretLater;
  /** Puts it into the work table that a product is to be compacted. */
  readonly announce: (of: { account: string; product: string }, slot: string) => Promise<void>;
  readonly now: Now;
}

export const refuse = (reason: Extract<RegistrarAnswer, { done: false }>['reason']): RegistrarAnswer => ({
  done: false,
  reason,
});

export const done = (answer: Omit<Extract<RegistrarAnswer, { done: true }>, 'done'> = {}): RegistrarAnswer => ({
  done: true,
  ...answer,
});
