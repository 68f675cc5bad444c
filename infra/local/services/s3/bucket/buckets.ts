/** The buckets of the templates. They are told anew at each boot, so that a setting that a template drops is gone. */
import type { PolicyDocument } from '../../../contract.ts';
import type { Encryption } from '../store.ts';
import type { CorsRule } from './cors-rules.ts';
import type { LifecycleRule } from './lifecycle.ts';

export interface PublicAccessBlock {
  readonly BlockPublicAcls: boolean;
  readonly IgnorePublicAcls: boolean;
  readonly BlockPublicPolicy: boolean;
  readonly RestrictPublicBuckets: boolean;
}

export interface Bucket {
  readonly name: string;
  readonly arn: string;
  /** Of objects whose request names none. */
  readonly encryption: Encryption;
  readonly versioning: 'Suspended' | undefined;
  readonly publicAccess: PublicAccessBlock;
  readonly lifecycle: readonly LifecycleRule[];
  readonly cors: readonly CorsRule[];
}

export interface Buckets {
  put(bucket: Bucket): void;
  putPolicy(name: string, policy: PolicyDocument): void;
  get(name: string): Bucket | undefined;
  all(): readonly Bucket[];
  policyOf(name: string): PolicyDocument | undefined;
}

export const bucketArn = (name: string): string => `arn:aws:s3:::${name}`;
export const objectArn = (bucket: string, key: string): string => `${bucketArn(bucket)}/${key}`;

export function createBuckets(): Buckets {
  const buckets = new Map<string, Bucket>();
  const policies = new Map<string, PolicyDocument>();
  return {
    put: (bucket) => void buckets.set(bucket.name, bucket),
    putPolicy: (name, policy) => void policies.set(name, policy),
    get: (name) => buckets.get(name),
    all: () => [...buckets.values()],
    policyOf: (name) => policies.get(name),
  };
}

/** The bucket of an ARN of it or of an object in it. */
export const bucketNameOfArn = (arn: string): string | undefined => /^arn:aws:s3:::([^/]+)/.exec(arn)?.[1];
