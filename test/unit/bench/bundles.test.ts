/** What every handler's bundle promises: no SDK client for nothing, and all that it needs on Lambda. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundle, entries } from '../../bench/bundles/build.ts';
import { clientsIn, idleClientsIn } from '../../bench/bundles/clients.ts';
import { ROOT } from '../../support/host.ts';

/** A project of its own for handlers that the product doesn't have, and a place without any package for their bundles. */
const project = mkdtempSync(path.join(tmpdir(), 'custodia-bundles-'));
const shipped = mkdtempSync(path.join(tmpdir(), 'custodia-bundles-'));
beforeAll(() => {
  mkdirSync(path.join(project, 'functions'));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(project, 'node_modules'));
});
afterAll(() => {
  for (const dir of [project, shipped]) rmSync(dir, { recursive: true, force: true });
});

async function bundleOf(name: string, ...source: string[]): Promise<Bundle> {
  writeFileSync(path.join(project, `functions/${name}.ts`), source.join('\n'));
  const [made] = await bundle([`functions/${name}.ts`], shipped, project);
  if (!made) throw new Error('nothing was bundled');
  return made;
}

describe('the functions’ bundles', () => {
  it('hold no client that no line of ours makes', async () => {
    const bundles = await bundle(entries(), path.join(shipped, 'all'));
    expect(bundles.map(({ entry }) => entry)).toEqual(entries());
    const idle = bundles.flatMap((of) => idleClientsIn(of).map((client) => `${of.entry}: ${client}`));
    expect(idle).toEqual([]);
  });
});

describe('a bundle with a client that its code only mentions', () => {
  it('is found out', async () => {
    const idle = await bundleOf(
      'idle',
      "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';",
      "import { type KMSClient, DecryptCommand } from '@aws-sdk/client-kms';",
      'const db = new DynamoDBClient({});',
      'export const handler = (kms: KMSClient) => [db, kms.send(new DecryptCommand({ CiphertextBlob: undefined }))];',
    );
    expect(clientsIn(idle)).toEqual(['@aws-sdk/client-dynamodb', '@aws-sdk/client-kms']);
    expect(idleClientsIn(idle, project)).toEqual(['@aws-sdk/client-kms']);
  });
});

describe('what is left out of the bundles', () => {
  it('is not missed by a client with the credentials that Lambda puts in the environment', async () => {
    const { file } = await bundleOf(
      'credentials',
      "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';",
      'const { accessKeyId, sessionToken } = await new DynamoDBClient({}).config.credentials();',
      'console.log(accessKeyId, sessionToken);',
    );
    const env = {
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_REGION: 'a',
    };
    expect(execFileSync(process.execPath, [file], { env, encoding: 'utf8' })).toBe('id token\n');
  });
});
