/** Data keys: random, wrapped by the account's key for exactly their row. Both copies hold the same wrapped bytes. */
import { randomBytes } from 'node:crypto';
import { seal, unseal } from '../platform/sealing.ts';
import { KEY_BYTES } from './account-key.ts';
import type { KeyPlace } from './keyring-keys.ts';
import type { KeptKey } from './two-copies.ts';

const STORE = 'keyring';

export interface Wrapping {
  readonly account: string;
  key(): Promise<Uint8Array>;
}

export function dataKept({ account, key }: Wrapping, place: KeyPlace): KeptKey {
  const at = { account, store: STORE, ...place.row };
  const open = async (wrapped: Uint8Array) => unseal(await key(), at, wrapped);
  const sameBytes = async (wrapped: Uint8Array) => {
    await open(wrapped);
    return wrapped;
  };
  return {
    ...place,
    async make() {
      const plain = randomBytes(KEY_BYTES);
      const wrapped = seal(await key(), at, plain);
      return { plain, row: wrapped, copy: wrapped };
    },
    open,
    toCopy: sameBytes,
    toRow: sameBytes,
  };
}
