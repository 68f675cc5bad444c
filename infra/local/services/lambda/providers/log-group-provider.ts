/** `AWS::Logs::LogGroup`: a folder of one log file a day. */
import * as z from 'zod';
import type { Place, ResourceProvider } from '../../../contract.ts';
import { physicalName } from '../functions/function-definition.ts';
import type { LogGroups } from '../log-groups.ts';

const properties = z.object({
  LogGroupName: z.string().optional(),
  RetentionInDays: z.coerce.number().int().min(1).optional(),
});

export function logGroupProvider({ account, region }: Place, logs: LogGroups): ResourceProvider {
  return {
    type: 'AWS::Logs::LogGroup',
    honoured: { LogGroupName: 'the name of its folder', RetentionInDays: 'files of older days are deleted' },
    ignored: {
      KmsKeyId: 'the files lie in the data directory, for its owner alone',
      LogGroupClass: 'files have no class',
      Tags: 'no tag of a log group decides anything',
      DeletionProtectionEnabled: 'nobody can delete it but with the data directory',
    },
    async create(resource) {
      const { LogGroupName, RetentionInDays } = properties.parse(resource.properties);
      const name = LogGroupName ?? physicalName(resource, 512);
      logs.put(name, RetentionInDays);
      return { ref: name, attributes: { Arn: `arn:aws:logs:${region}:${account}:log-group:${name}:*` } };
    },
  };
}
