/** An account's data keys in memory, for tests of what is sealed with them: every key is there from the beginning, until it is destroyed. */
import { randomBytes } from 'node:crypto';
import { NoKeyError } from '../../shared/keyring/keyring-errors.ts';
import type { AccountKeys, DataKeyName } from '../../shared/platform/account-session.ts';

export function memoryKeys(): AccountKeys {
  const keys = new Map<string, Uint8Array | 'destroyed'>();
  const open = async (name: DataKeyName): Promise<Uint8Array> => {
    const id = JSON.stringify(Object.entries(name).sort());
    const key = keys.get(id) ?? randomBytes(32);
    if (key === 'destroyed') throw new NoKeyError('destroyed');
    keys.set(id, key);
    return key;
  };
  const destroy = async (name: DataKeyName) => void keys.set(JSON.stringify(Object.entries(name).sort()), 'destroyed');
  return { open, ensure: open, destroy };
}
