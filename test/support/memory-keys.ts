/** An account's data keys in memory, for tests of what is sealed with them: every key is there from the beginning, until it is destroyed. */
import { randomBytes } from 'node:crypto';
import { NoKeyError } from '../../shared/keyring/keyring-errors.ts';
import type { AccountKeys, DataKeyName } from '../../shared/platform/account-session.ts';

export interface MemoryKeys extends AccountKeys {
  /** Of those that were asked for, what isn't destroyed. */
  living(): DataKeyName[];
  /** Keeps what keys there are now; the answer brings it back. */
  snapshot(): () => void;
}

export function memoryKeys(): MemoryKeys {
  const keys = new Map<string, Uint8Array | 'destroyed'>();
  const names = new Map<string, DataKeyName>();
  const open = async (name: DataKeyName): Promise<Uint8Array> => {
    const id = JSON.stringify(Object.entries(name).sort());
    const key = keys.get(id) ?? randomBytes(32);
    if (key === 'destroyed') throw new NoKeyError('destroyed');
    keys.set(id, key);
    names.set(id, name);
    return key;
  };
  const destroy = async (name: DataKeyName) => void keys.set(JSON.stringify(Object.entries(name).sort()), 'destroyed');
  const living = () => [...names].flatMap(([id, name]) => (keys.get(id) === 'destroyed' ? [] : [name]));
  const snapshot = () => {
    const kept = [...keys];
    return () => {
      keys.clear();
      for (const [id, key] of kept) keys.set(id, key);
    };
  };
  return { open, ensure: open, destroy, living, snapshot };
}
