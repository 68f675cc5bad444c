import * as z from 'zod';
import type { Place, PolicyDocument, ResourceProvider } from '../../contract.ts';
import { compilePolicy } from '../../front-door/iam/policy.ts';
import { KEY_SPECS } from './key-store.ts';
import type { Kms } from './kms.ts';

const policyDocument = z.custom<PolicyDocument>((value) => {
  compilePolicy(value, 'resource');
  return true;
});

const keyProperties = z
  .looseObject({
    Description: z.string().default(''),
    Enabled: z.boolean().default(true),
    KeyPolicy: policyDocument.optional(),
    KeySpec: z.enum(KEY_SPECS).default('SYMMETRIC_DEFAULT'),
    KeyUsage: z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY']).default('ENCRYPT_DECRYPT'),
  })
  .refine(
    ({ KeySpec, KeyUsage }) => (KeySpec === 'SYMMETRIC_DEFAULT') === (KeyUsage === 'ENCRYPT_DECRYPT'),
    'KeyUsage does not fit KeySpec',
  );

const aliasProperties = z.looseObject({ AliasName: z.string().regex(/^alias\/[\w/-]+$/), TargetKeyId: z.string() });

export function kmsProviders(kms: Kms, place: Place): ResourceProvider[] {
  return [keyProvider(kms, place), aliasProvider(kms)];
}

const keyProvider = ({ keys }: Kms, { account }: Place): ResourceProvider => ({
  type: 'AWS::KMS::Key',
  honoured: {
    Description: 'told by DescribeKey',
    Enabled: 'a disabled key refuses every use',
    KeyPolicy: 'decides, before the policies of roles',
    KeySpec: 'SYMMETRIC_DEFAULT or ECC_NIST_P256',
    KeyUsage: 'must fit KeySpec',
  },
  ignored: {
    EnableKeyRotation: 'callers can not see a rotation; the laptop keeps one material',
    RotationPeriodInDays: 'no rotation',
    PendingWindowInDays: 'keys are deleted with the data folder alone',
    Tags: 'no condition of the templates reads tags of keys',
  },
  async create({ stack, logicalId, properties }) {
    const { Description: description, Enabled: enabled, KeyPolicy, KeySpec: spec } = keyProperties.parse(properties);
    const policy = KeyPolicy ?? accountDecides(account);
    const key = keys.put({ owner: `${stack}/${logicalId}`, spec, description, enabled, policy });
    return { ref: key.keyId, attributes: { Arn: key.arn, KeyId: key.keyId } };
  },
});

/** As AWS gives to a key without a policy. */
const accountDecides = (account: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }],
});

const aliasProvider = ({ keys }: Kms): ResourceProvider => ({
  type: 'AWS::KMS::Alias',
  honoured: { AliasName: 'names the key in requests', TargetKeyId: 'a key of the templates' },
  ignored: {},
  async create({ properties }) {
    const { AliasName, TargetKeyId } = aliasProperties.parse(properties);
    keys.putAlias(AliasName, TargetKeyId);
    return { ref: AliasName, attributes: {} };
  },
});
