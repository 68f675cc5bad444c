/** What a batch needs to know before its messages can be sorted: certificates, accounts, and what each account has collected. */
import { instructionCache } from '../bucket/instructions.ts';
import { type CertificateRow, type Directory, findAccount, findCertificates } from '../directory/directory.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { errorFields, log } from '../platform/log.ts';
import { believing } from './believing.ts';
import { accountOfTopic } from './envelope.ts';
import type { AccountView, Lookups, Message } from './sort-messages.ts';

export function lookUp(deps: { directory: Directory; session: (account: string) => AccountSession; now: Now }) {
  const collectorsOf = instructionCache();
  const certificates = believing<CertificateRow>(deps.now, (ids) => findCertificates(deps.directory, ids));
  const states = believing<'active' | 'suspended'>(deps.now, async (ids) => {
    const rows = await Promise.all(ids.map(async (id) => [id, await findAccount(deps.directory, id)] as const));
    return new Map(rows.flatMap(([id, row]) => (row ? [[id, row.status]] : [])));
  });

  /** `unreadable`: accounts whose instructions can't be read now. Their trouble is nobody else's. */
  return async (messages: readonly Message[]): Promise<Lookups & { readonly unreadable: ReadonlySet<string> }> => {
    const owners = messages.flatMap(({ envelope: { topic } }) => accountOfTopic(topic) ?? []);
    const [known, status] = await Promise.all([
      certificates(messages.map((m) => m.envelope.principal)),
      states(owners),
    ]);
    const accounts = new Map<string, AccountView>();
    const unreadable = new Set<string>();
    await Promise.all(
      [...status].map(async ([id, state]) => {
        try {
          accounts.set(id, { status: state, collectors: await collectorsOf(deps.session(id)) });
        } catch (error) {
          log('error', 'What an account has collected could not be read; its messages come again.', errorFields(error));
          unreadable.add(id);
        }
      }),
    );
    return { certificates: known, accounts, unreadable };
  };
}
