/** The three ways to name a queue: its name, its ARN, its URL. */
import type { Place } from '../../contract.ts';

export const queueArn = ({ region, account }: Place, name: string) => `arn:aws:sqs:${region}:${account}:${name}`;

export const queueUrl = ({ account }: Place, endpoint: string, name: string) => `${endpoint}/${account}/${name}`;

/** The last part of an ARN. */
export const queueNameOf = (arn: string) => arn.slice(arn.lastIndexOf(':') + 1);

/** The name in `…/{account}/{name}` of any host: an SDK's own URL of the queue, or the local one. */
export function queueNameOfUrl({ account }: Place, url: string): string | undefined {
  return new RegExp(`(?:^|/)${account}/([\\w-]{1,80})/?$`).exec(url)?.[1];
}

/** The name in an ARN of this account and region. */
export function queueNameOfArn(place: Place, arn: string): string | undefined {
  const prefix = queueArn(place, '');
  return arn.startsWith(prefix) ? arn.slice(prefix.length) : undefined;
}
