/** An account's session of which a test needs only some members: the stores have no names, and there are no data keys. */
import type { AccountSession } from '../../shared/platform/account-session.ts';

const noKeys = async (): Promise<never> => {
  throw new Error('This session has no data keys.');
};

export const sessionWith = (
  members: Partial<AccountSession> & Pick<AccountSession, 'account' | 'key'>,
): AccountSession => ({
  db: {} as AccountSession['db'],
  kms: {} as AccountSession['kms'],
  s3: {} as AccountSession['s3'],
  tables: { entities: '', readings: '', keyring: '', audit: '' },
  masterKeyId: '',
  recoveryKeyId: '',
  keyringBucket: '',
  archiveBucket: '',
  keys: { open: noKeys, ensure: noKeys, destroy: noKeys },
  ...members,
});
