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

export type ObjectAction = keyof typeof ACTIONS;
export const EVERY_OBJECT_ACTION = Object.keys(ACTIONS) as ObjectAction[];

export const onObject = (at: At, action: ObjectAction, credentials?: Credentials): Call => ({
  service: 's3',
  command: action.split(' ')[0] ?? action,
  input: ACTIONS[action](at),
  credentials,
});
