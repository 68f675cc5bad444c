/**
 * KMS on the laptop: symmetric keys (AES-256-GCM bound to the encryption context) and P-256 signing keys, in JSON 1.1.
 *
 * Owns its folder, which holds the key material and nothing else. Touches no other service. Keys are made by the templates
 * alone: there is no CreateKey, no grant and no key policy but the template's.
 */
import type { AwsRequest, AwsResponse, AwsService, Operation, ServiceContext } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { describeKey, getPublicKey, sign } from './key-operations.ts';
import { openKeyStore } from './key-store.ts';
import type { Keys } from './keys.ts';
import { createKeys } from './keys.ts';
import type { KmsOperation } from './symmetric-operations.ts';
import { decrypt, encrypt, generateDataKey, reEncrypt } from './symmetric-operations.ts';

export interface Kms extends AwsService {
  readonly keys: Keys;
}

const OPERATIONS: Readonly<Record<string, (input: unknown, keys: Keys) => KmsOperation>> = {
  DescribeKey: describeKey,
  GetPublicKey: getPublicKey,
  Sign: sign,
  GenerateDataKey: generateDataKey({ plaintext: true }),
  GenerateDataKeyWithoutPlaintext: generateDataKey({ plaintext: false }),
  Encrypt: encrypt,
  Decrypt: decrypt,
  ReEncrypt: reEncrypt,
};

/** Throws `Refusal` when the key file can't be read. */
export function createKms({
  dir,
  clock,
  account,
  region,
}: Pick<ServiceContext, 'dir' | 'clock' | 'account' | 'region'>): Kms {
  const keys = createKeys(openKeyStore(dir, clock), { account, region });
  return {
    keys,
    signingName: 'kms',
    operation: (request) => operation(request, keys),
    errorResponse: ({ code, message, status, details }: AwsError) =>
      json(status, { ...details, __type: code, message }),
    resourcePolicies(resource) {
      const key = keys.byArn(resource);
      return key ? [key.policy] : [];
    },
  };
}

function operation({ headers, body }: AwsRequest, keys: Keys): Operation {
  const name = headers['x-amz-target']?.replace(/^TrentService\./, '') ?? '';
  const prepare = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (!prepare) throw new AwsError('UnknownOperationException', `The laptop's KMS doesn't serve "${name}".`);
  const { demands, run } = prepare(parse(body), keys);
  return { name, demands, run: async () => json(200, run()) };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 'The body is not JSON.');
  }
}

const json = (status: number, body: unknown): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
});
