/** Every way in which S3 reads, writes or tells of an object, aimed at one name. */
import type { Call, Credentials } from './puppet.ts';

interface At {
  readonly Bucket: string;
  readonly Key: string;
}

const ACTIONS = {
  PutObject: (at: At) => ({ ...at, Body: 'forged', IfNoneMatch: '*' }),
  GetObject: (at: At) => at,
  ListObjectsV2: ({ Bucket, Key }: At) => ({ Bucket, Prefix: Key }),
  'CopyObject onto itself': (at: At) => ({ ...at, CopySource: `${at.Bucket}/${at.Key}` }),
  CreateMultipartUpload: (at: At) => at,
  DeleteObject: (at: At) => at,
} as const satisfies Record<string, (at: At) => object>;

/** What an upload in parts asks for beside, once it is begun. */
const PARTS = {
  UploadPart: (at: At, UploadId: string) => ({ ...at, UploadId, PartNumber: 1, Body: 'forged' }),
  ListParts: (at: At, UploadId: string) => ({ ...at, UploadId }),
  CompleteMultipartUpload: (at: At, UploadId: string) => ({
    ...at,
    UploadId,
    MultipartUpload: { Parts: [{ PartNumber: 1, ETag: '"0cc175b9c0f1b6a831c399e269772661"' }] },
  }),
  AbortMultipartUpload: (at: At, UploadId: string) => ({ ...at, UploadId }),
} as const satisfies Record<string, (at: At, upload: string) => object>;

export const EVERY_PART_ACTION = Object.keys(PARTS) as (keyof typeof PARTS)[];

export const onUpload = (at: At, upload: string, action: keyof typeof PARTS, credentials?: Credentials): Call => ({
  service: 's3',
  command: action,
  input: PARTS[action](at, upload),
  credentials,
});

export type ObjectAction = keyof typeof ACTIONS;
export const EVERY_OBJECT_ACTION = Object.keys(ACTIONS) as ObjectAction[];

export const onObject = (at: At, action: ObjectAction, credentials?: Credentials): Call => ({
  service: 's3',
  command: action.split(' ')[0] ?? action,
  input: ACTIONS[action](at),
  credentials,
});
