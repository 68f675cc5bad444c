/** What a batch needs to know before its messages can be sorted: certificates, accounts, and what each account has collected. */
import { instructionCache } from '../bucket/instructions.ts';
import { type AccountState, type Directory, findAccountStates, findCertificates } from '../directory/directory.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { errorFields, log } from '../platform/log.ts';
import { believedCertificates } from './believed-certificates.ts';
import { believing } from './believing.ts';
import { accountOfTopic } from './envelope.ts';
import type { AccountView, Lookups, Message } from './sort-messages.ts';

export function lookUp(deps: { directory: Directory; session: (account: string) => AccountSession; now: Now }) {
  const collectorsOf = instructionCache();
  const states = believing<AccountState>(deps.now, (ids) => findAccountStates(deps.directory, ids));
  const certificates = believedCertificates(deps.now, (ids) => findCertificates(deps.directory, ids));

  /** `unreadable`: accounts whose instructions can't be read now. Their trouble is nobody else's. */
  return async (messages: readonly Message[]): Promise<Lookups & { readonly unreadable: ReadonlySet<string> }> => {
    const owners = messages.flatMap(({ envelope: { topic } }) => accountOfTopic(topic) ?? []);
    const found = await states(owners);
    const accounts = new Map<string, AccountView>();
    const unreadable = new Set<string>();
    const known = certificates(
      messages.map((m) => m.envelope.principal),
      found,
    );
    await Promise.all([
      known,
      ...[...found].map(async ([id, { status }]) => {
        try {
          accounts.set(id, { status, collectors: await collectorsOf(deps.session(id)) });
        } catch (error) {
          log('error', 'What an account has collected could not be read; its messages come again.', errorFields(error));
          unreadable.add(id);
        }
      }),
    ]);
    return { certificates: await known, accounts, unreadable };
  };
}
