/**
 * Which operation a request is: by method, by whether it names a key, and by its query. A parameter that an operation doesn't
 * know is refused: `PUT /bucket/key?acl` must never pass for an upload.
 */
import {
  getEncryption,
  getLifecycle,
  getPolicy,
  getPublicAccessBlock,
  getVersioning,
  headBucket,
} from './bucket/describe-bucket.ts';
import { listObjects } from './bucket/list-objects.ts';
import { completeUpload } from './multipart/complete-upload.ts';
import { listParts, listUploads } from './multipart/list-uploads.ts';
import { copyPart, uploadPart } from './multipart/upload-part.ts';
import { abortUpload, createUpload } from './multipart/uploads.ts';
import { copyObject } from './object/copy-object.ts';
import { deleteObject, deleteObjects } from './object/delete-objects.ts';
import { getObject, headObject } from './object/get-object.ts';
import { putObject } from './object/put-object.ts';
import { notServed } from './protocol/errors.ts';
import type { S3Request } from './protocol/s3-request.ts';
import type { Planner } from './s3-room.ts';

interface Route {
  readonly method: string;
  readonly on: 'bucket' | 'object';
  /** Parameters that make it this operation. */
  readonly needs?: readonly string[];
  readonly may?: readonly string[];
  readonly copies?: true;
  readonly plan: Planner;
}

const UPLOAD = ['uploadId'];
const PART = ['uploadId', 'partNumber'];
const OVERRIDES = ['type', 'language', 'expires', 'cache-control', 'disposition', 'encoding'].map((name) =>
  name === 'expires' || name === 'cache-control' ? `response-${name}` : `response-content-${name}`,
);

/** By the operation's name, as in CloudTrail. */
const ROUTES: Readonly<Record<string, Route>> = {
  PutObject: { method: 'PUT', on: 'object', plan: putObject },
  CopyObject: { method: 'PUT', on: 'object', copies: true, plan: copyObject },
  GetObject: { method: 'GET', on: 'object', may: OVERRIDES, plan: getObject },
  HeadObject: { method: 'HEAD', on: 'object', may: OVERRIDES, plan: headObject },
  DeleteObject: { method: 'DELETE', on: 'object', plan: deleteObject },
  DeleteObjects: { method: 'POST', on: 'bucket', needs: ['delete'], plan: deleteObjects },
  ListObjectsV2: {
    method: 'GET',
    on: 'bucket',
    may: [
      'list-type',
      'prefix',
      'delimiter',
      'max-keys',
      'continuation-token',
      'start-after',
      'encoding-type',
      'fetch-owner',
    ],
    plan: listObjects,
  },
  CreateMultipartUpload: { method: 'POST', on: 'object', needs: ['uploads'], plan: createUpload },
  UploadPart: { method: 'PUT', on: 'object', needs: PART, plan: uploadPart },
  UploadPartCopy: { method: 'PUT', on: 'object', needs: PART, copies: true, plan: copyPart },
  CompleteMultipartUpload: { method: 'POST', on: 'object', needs: UPLOAD, plan: completeUpload },
  AbortMultipartUpload: { method: 'DELETE', on: 'object', needs: UPLOAD, plan: abortUpload },
  ListParts: { method: 'GET', on: 'object', needs: UPLOAD, may: ['max-parts', 'part-number-marker'], plan: listParts },
  ListMultipartUploads: {
    method: 'GET',
    on: 'bucket',
    needs: ['uploads'],
    may: ['prefix', 'delimiter', 'max-uploads', 'key-marker', 'upload-id-marker'],
    plan: listUploads,
  },
  HeadBucket: { method: 'HEAD', on: 'bucket', plan: headBucket },
  GetBucketVersioning: { method: 'GET', on: 'bucket', needs: ['versioning'], plan: getVersioning },
  GetBucketEncryption: { method: 'GET', on: 'bucket', needs: ['encryption'], plan: getEncryption },
  GetPublicAccessBlock: { method: 'GET', on: 'bucket', needs: ['publicAccessBlock'], plan: getPublicAccessBlock },
  GetBucketLifecycleConfiguration: { method: 'GET', on: 'bucket', needs: ['lifecycle'], plan: getLifecycle },
  GetBucketPolicy: { method: 'GET', on: 'bucket', needs: ['policy'], plan: getPolicy },
};

export function findRoute({ method, key, query, headers }: S3Request): { name: string; plan: Planner } {
  const said = [...new Set(query.keys())].filter((name) => name !== 'x-id' && !name.toLowerCase().startsWith('x-amz-'));
  const found = Object.entries(ROUTES).find(
    ([, { needs = [], may = [], copies = false, ...route }]) =>
      route.method === method &&
      (route.on === 'object') === (key !== '') &&
      needs.every((name) => said.includes(name)) &&
      said.every((name) => needs.includes(name) || may.includes(name)) &&
      copies === (method === 'PUT' && headers['x-amz-copy-source'] !== undefined),
  );
  if (!found) {
    const query = said.length > 0 ? ` with ${said.join(', ')}` : '';
    throw notServed(`${method} of ${key === '' ? 'a bucket' : 'an object'}${query}`);
  }
  return { name: found[0], plan: found[1].plan };
}
