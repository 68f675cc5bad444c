/**
 * S3 on the laptop: objects as files, streamed in and out; what is known of them in SQLite; S3's own protocol (REST and XML),
 * path-style and virtual-hosted, presigned URLs included.
 *
 * It owns its folder and nothing else. It decides nothing about permissions: it says what a request needs, hands out bucket
 * policies, and asks only where one request is many (DeleteObjects) or where AWS hides what is missing. Written here since
 * what is on npm either corrupts streamed uploads (s3rver) or knows no permissions, conditions or clock (fauxqs). There are
 * no versions, ACLs, tags, storage classes or customer keys: a template or request that asks for them is refused.
 */
import type { AwsRequest, AwsService, Operation, ResourceProvider, ServiceContext } from '../../contract.ts';
import { bucketPolicyProvider, bucketProvider } from './bucket/bucket-provider.ts';
import { bucketNameOfArn, createBuckets } from './bucket/buckets.ts';
import { browserAccess } from './bucket/cors.ts';
import { openObjectFiles } from './object-files.ts';
import { errorResponse, noSuchBucket } from './protocol/errors.ts';
import { checkHeaders } from './protocol/object-headers.ts';
import { readRequest } from './protocol/s3-request.ts';
import { reap } from './reaper.ts';
import { findRoute } from './routes.ts';
import type { S3 } from './s3-room.ts';
import { openStore } from './store.ts';

const REAP_EVERY_MS = 60_000;

export interface S3Service {
  readonly service: AwsService & { close(): Promise<void> };
  readonly providers: readonly ResourceProvider[];
  /** Removes what has expired now; answers how many objects and unfinished uploads that were. */
  reap(): number;
}

/**
 * Opens the folder `context.dir`, and removes what a crash left there. Throws an error that names what can't be read.
 * @param options.keyArn the ARN of a KMS key by id, ARN or alias; throws for one that the laptop doesn't have.
 */
export function openS3(context: ServiceContext, { keyArn }: Pick<S3, 'keyArn'>): S3Service {
  const { dir, log, clock, authority, account, region } = context;
  const store = openStore(dir);
  const files = openObjectFiles(dir, store.files(), log);
  const buckets = createBuckets();
  const s3: S3 = { account, region, clock, authority, store, files, buckets, keyArn };
  const reapNow = () => reap(s3);
  const reaper = setInterval(() => {
    try {
      reapNow();
    } catch (error) {
      log(`s3: the reaper failed: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }, REAP_EVERY_MS);
  reaper.unref();

  return {
    providers: [bucketProvider(s3), bucketPolicyProvider(s3)],
    reap: reapNow,
    service: {
      signingName: 's3',
      streams: true,
      browsers: browserAccess(buckets),
      operation: (request) => operation(s3, request),
      errorResponse,
      resourcePolicies(resource) {
        const policy = buckets.policyOf(bucketNameOfArn(resource) ?? '');
        return policy ? [policy] : [];
      },
      async close() {
        clearInterval(reaper);
        store.close();
      },
    },
  };
}

function operation(s3: S3, incoming: AwsRequest): Operation {
  const request = readRequest(incoming);
  const { name, plan } = findRoute(request);
  checkHeaders(request.headers, s3.account);
  const bucket = s3.buckets.get(request.bucket);
  if (!bucket) throw noSuchBucket(request.bucket);
  const { demands, run } = plan(s3, { ...request, bucket });
  return { name, demands, run: async (principal) => run(principal) };
}
