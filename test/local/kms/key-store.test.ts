import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { open, seal } from '../../../infra/local/services/kms/ciphertext.ts';
import { createKms } from '../../../infra/local/services/kms/kms.ts';
import { kmsProviders } from '../../../infra/local/services/kms/kms-providers.ts';
import { place, TestClock } from '../front-door/door.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'kms-store-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** One boot of the host with these keys in its template. */
async function boot(...keys: { logicalId: string; properties?: Record<string, unknown> }[]) {
  const kms = createKms({ dir, clock: new TestClock(), ...place });
  const [provider] = kmsProviders(kms, place);
  const refs: string[] = [];
  for (const { logicalId, properties = {} } of keys) {
    const resource = { stack: 'State', logicalId, type: 'AWS::KMS::Key', properties, metadata: {} };
    refs.push((await provider!.create(resource)).ref);
  }
  return { kms, refs };
}

it('a key outlives a restart, and opens what it sealed', async () => {
  const first = await boot({ logicalId: 'A' }, { logicalId: 'B' });
  const [idA = '', idB = ''] = first.refs;
  const sealed = seal(first.kms.keys.find(idA).key, Buffer.from('kept'), { account: 'a' });
  const again = await boot({ logicalId: 'B' }, { logicalId: 'A' });
  expect(again.refs).toEqual([idB, idA]);
  expect(open(again.kms.keys.find(idA).key, sealed, { account: 'a' }).toString()).toBe('kept');
});

it('a key that left the template is unknown, and its material is kept', async () => {
  const { refs } = await boot({ logicalId: 'A' });
  const without = await boot({ logicalId: 'B' });
  expect(() => without.kms.keys.find(refs[0] ?? '')).toThrow(/does not exist/);
  expect((await boot({ logicalId: 'A' })).refs).toEqual(refs);
});

it('only its owner can read the file, and nothing else is left in the folder', async () => {
  await boot({ logicalId: 'A' }, { logicalId: 'B' });
  expect(readdirSync(dir)).toEqual(['keys.json']);
  expect(statSync(path.join(dir, 'keys.json')).mode & 0o777).toBe(0o600);
});

it.each(['', '{', '{"version":2,"keys":[]}', '{"version":1,"keys":[{"keyId":"x"}]}'])(
  'the broken file %j stops the boot, named, and is left alone',
  async (content) => {
    const file = path.join(dir, 'keys.json');
    writeFileSync(file, content);
    await expect(boot({ logicalId: 'A' })).rejects.toThrow(/keys\.json can't be read .*--fresh/);
    expect(readFileSync(file, 'utf8')).toBe(content);
  },
);

it.each([
  ['another spec than before', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }, /can't become ECC_NIST_P256/],
  ['a spec that it does not serve', { KeySpec: 'RSA_2048' }, /KeySpec/],
  ['a usage that does not fit', { KeyUsage: 'SIGN_VERIFY' }, /does not fit/],
  ['a policy that IAM refuses', { KeyPolicy: { Statement: [{ Effect: 'Allow', Action: 'kms:*' }] } }, /Principal/],
])('a template with %s stops the boot', async (_, properties, message) => {
  await boot({ logicalId: 'A' });
  await expect(boot({ logicalId: 'A', properties })).rejects.toThrow(message);
});
