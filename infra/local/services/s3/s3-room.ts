/** What S3's operations work with, and the form that each has. */
import type { AwsResponse, Demand, Principal, ServiceContext } from '../../contract.ts';
import type { Bucket, Buckets } from './bucket/buckets.ts';
import type { ObjectFiles } from './object-files.ts';
import type { S3Request } from './protocol/s3-request.ts';
import type { Store } from './store.ts';

export interface S3 extends Pick<ServiceContext, 'account' | 'region' | 'clock' | 'authority'> {
  readonly store: Store;
  readonly files: ObjectFiles;
  readonly buckets: Buckets;
  /** The ARN of a KMS key by id, ARN or alias; throws for one that the laptop doesn't have. */
  keyArn(name: string): string;
}

/** A request to a bucket that exists. */
export interface BucketRequest extends Omit<S3Request, 'bucket'> {
  readonly bucket: Bucket;
}

export interface Plan {
  readonly demands: readonly Demand[];
  run(principal: Principal): AwsResponse | Promise<AwsResponse>;
}

/** Reads nothing of the payload before `run`: until then nobody is allowed anything. */
export type Planner = (s3: S3, request: BucketRequest) => Plan;
