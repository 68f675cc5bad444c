import { AwsError, type AwsResponse, type Principal } from '../../../contract.ts';
import { onObject } from '../permissions.ts';
import { renamed } from '../protocol/errors.ts';
import { checkWrite } from '../protocol/preconditions.ts';
import { readDocument } from '../protocol/read-document.ts';
import type { Headers } from '../protocol/s3-request.ts';
import { childText, type Element, type Members, malformed, xmlResponse } from '../protocol/xml.ts';
import type { BucketRequest, Planner, S3 } from '../s3-room.ts';
import { conditionDemands } from './put-object.ts';

const MAX_KEYS = 1000;

export const deleteObject: Planner = (s3, request) => ({
  demands: [onObject(s3, request, 'DeleteObject'), ...conditionDemands(s3, request)],
  run(): AwsResponse {
    remove(s3, request.bucket.name, request.key, request.headers);
    return { status: 204 };
  },
});

/** Each key is permitted or refused by itself; the request as a whole demands nothing. */
export const deleteObjects: Planner = (s3, request) => ({
  demands: [],
  async run(principal): Promise<AwsResponse> {
    const document = await readDocument(request, 'Delete');
    const objects = document.children.filter(({ name }) => name === 'Object');
    if (objects.length === 0 || objects.length > MAX_KEYS) throw malformed();
    const results = objects.map((object) => deleteOne(s3, request, object, principal));
    const quiet = childText(document, 'Quiet') === 'true';
    return xmlResponse('DeleteResult', {
      Deleted: quiet ? [] : results.map(({ deleted }) => deleted).filter((one) => one !== undefined),
      Error: results.map(({ error }) => error).filter((one) => one !== undefined),
    });
  },
});

function deleteOne(
  s3: S3,
  request: BucketRequest,
  object: Element,
  principal: Principal,
): { deleted?: Members; error?: Members } {
  const Key = childText(object, 'Key');
  if (Key === undefined || Key === '') throw malformed();
  const etag = childText(object, 'ETag');
  const headers: Headers = etag === undefined ? {} : { 'if-match': etag };
  const one = { ...request, key: Key, headers: { ...request.headers, ...headers } };
  try {
    if (childText(object, 'VersionId') !== undefined)
      throw new AwsError('NoSuchVersion', 'There are no versions.', 404);
    s3.authority.authorize(principal, [onObject(s3, one, 'DeleteObject'), ...conditionDemands(s3, one)]);
    remove(s3, request.bucket.name, Key, headers);
    return { deleted: { Key } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { code: Code, message: Message } = renamed(error);
    return { error: { Key, Code, Message } };
  }
}

function remove({ store, files }: S3, bucket: string, key: string, headers: Headers): void {
  const old = store.atomically(() => {
    const current = store.object(bucket, key);
    checkWrite(current, headers, key);
    store.deleteObject(bucket, key);
    return current;
  });
  files.remove(old?.file);
}
