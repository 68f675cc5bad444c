/** The KMS keys and aliases of the templates, on top of the kept material. */
import type { Place, PolicyDocument } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { KeySpec, KeyStore, StoredKey } from './key-store.ts';

export interface KmsKey extends Omit<StoredKey, 'owner'> {
  readonly arn: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly policy: PolicyDocument;
}

export interface KeyDefinition {
  readonly owner: string;
  readonly spec: KeySpec;
  readonly description: string;
  readonly enabled: boolean;
  readonly policy: PolicyDocument;
}

/** A key as a request named it. */
export interface FoundKey {
  readonly key: KmsKey;
  /** The alias, when the request used one. */
  readonly alias?: string;
}

export interface Keys {
  put(definition: KeyDefinition): KmsKey;
  /** `name`: `alias/…`; `target`: a key's id or ARN. */
  putAlias(name: string, target: string): void;
  /** By id, ARN, alias or alias ARN. Throws `NotFoundException`. */
  find(name: string): FoundKey;
  byId(keyId: string): KmsKey | undefined;
  byArn(arn: string): KmsKey | undefined;
  aliasesOf(key: KmsKey): string[];
}

export function createKeys(store: KeyStore, { account, region }: Place): Keys {
  const prefix = `arn:aws:kms:${region}:${account}:`;
  const byId = new Map<string, KmsKey>();
  const aliases = new Map<string, string>();

  const find = (name: string): FoundKey => {
    const local = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    const alias = local.startsWith('alias/') ? local : undefined;
    const key = byId.get(alias ? (aliases.get(alias) ?? '') : local.replace(/^key\//, ''));
    if (!key) throw new AwsError('NotFoundException', `${alias ? 'Alias' : 'Key'} '${name}' does not exist`);
    return alias ? { key, alias } : { key };
  };

  return {
    put({ owner, spec, ...rest }) {
      const { keyId, material, createdAt } = store.obtain(owner, spec);
      const key: KmsKey = { keyId, spec, material, createdAt, arn: `${prefix}key/${keyId}`, ...rest };
      byId.set(keyId, key);
      return key;
    },
    putAlias(name, target) {
      aliases.set(name, find(target).key.keyId);
    },
    find,
    byId: (keyId) => byId.get(keyId),
    byArn: (arn) => (arn.startsWith(`${prefix}key/`) ? byId.get(arn.slice(prefix.length + 4)) : undefined),
    aliasesOf: (key) => [...aliases].filter(([, keyId]) => keyId === key.keyId).map(([name]) => name),
  };
}
