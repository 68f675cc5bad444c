import { AwsError, type AwsResponse } from '../../../contract.ts';
import { algorithmNamed, checksumMember } from '../checksum/checksums.ts';
import { encryptionFor, encryptionHeaders, keyDemands } from '../encryption.ts';
import { keepCopy } from '../payload.ts';
import { onObject } from '../permissions.ts';
import { keptHeaders } from '../protocol/object-headers.ts';
import { xmlResponse } from '../protocol/xml.ts';
import type { Planner } from '../s3-room.ts';
import { copySource, readSource } from './copy-source.ts';
import { conditionDemands, publish } from './put-object.ts';

export const copyObject: Planner = (s3, request) => {
  const { bucket, key, headers } = request;
  const source = copySource(s3, request);
  const encryption = encryptionFor(s3, request);
  const where = { bucket: bucket.name, key };
  return {
    demands: [
      ...source.demands,
      onObject(s3, request, 'PutObject'),
      ...conditionDemands(s3, request),
      ...keyDemands(s3, ['GenerateDataKey'], encryption, where),
    ],
    async run(principal): Promise<AwsResponse> {
      const original = readSource(s3, request, source.where, principal);
      const replace = headers['x-amz-metadata-directive'] === 'REPLACE';
      const same = source.where.bucket === bucket.name && source.where.key === key;
      if (same && !replace && headers['x-amz-server-side-encryption'] === undefined)
        throw new AwsError('InvalidRequest', 'This copy request is illegal because it changes nothing of the object.');
      const asked = headers['x-amz-checksum-algorithm'];
      const algorithm = asked === undefined ? original.details.checksum?.algorithm : algorithmNamed(asked);
      const payload = await keepCopy(s3, s3.files.read([original.file]), { algorithm, encryption });
      const kept = replace ? keptHeaders(headers) : original.details.headers;
      const { etag, modified, details } = publish(s3, request, payload, { headers: kept, encryption });
      const answer = xmlResponse('CopyObjectResult', {
        ETag: `"${etag}"`,
        LastModified: new Date(modified).toISOString(),
        ...(details.checksum && { ...checksumMember(details.checksum), ChecksumType: details.checksum.type }),
      });
      return { ...answer, headers: { ...answer.headers, ...encryptionHeaders(encryption) } };
    },
  };
};
