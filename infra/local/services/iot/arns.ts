/** The names of AWS IoT's resources, as policies and the API write them. */
import type { Place } from '../../contract.ts';

type Kind =
  | 'cert'
  | 'client'
  | 'domainconfiguration'
  | 'policy'
  | 'rule'
  | 'thing'
  | 'thinggroup'
  | 'topic'
  | 'topicfilter';

export type Arns = ReturnType<typeof iotArns>;

export function iotArns({ account, region }: Place) {
  const prefix = `arn:aws:iot:${region}:${account}:`;
  return {
    of: (kind: Kind, name: string) => `${prefix}${kind}/${name}`,
    /** The name in an ARN of this account and kind, else `undefined`. */
    nameIn: (kind: Kind, arn: string): string | undefined => {
      const start = `${prefix}${kind}/`;
      return arn.startsWith(start) && arn.length > start.length ? arn.slice(start.length) : undefined;
    },
    queue: (name: string) => `arn:aws:sqs:${region}:${account}:${name}`,
  };
}
