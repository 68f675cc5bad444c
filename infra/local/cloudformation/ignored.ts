/** Types that the laptop ignores wholly: they watch or describe an instance, and nothing that runs asks for them. */
import type { Place, Resource, ResourceProvider } from '../contract.ts';
import { EVERYTHING } from './coverage.ts';

interface Ignored {
  readonly reason: string;
  /** The ARN's service and resource, where `Ref` or an attribute answers one. */
  readonly arn?: (name: string) => string;
  /** `Ref` is the ARN. */
  readonly refIsArn?: true;
  readonly arnAttribute?: string;
  readonly nameAttribute?: string;
}

const TYPES: Readonly<Record<string, Ignored>> = {
  'AWS::CloudWatch::Alarm': {
    reason: 'nobody is on call for a laptop; its metrics are not collected',
    arn: (name) => `cloudwatch:alarm:${name}`,
    arnAttribute: 'Arn',
  },
  'AWS::CloudWatch::CompositeAlarm': {
    reason: 'as for an alarm',
    arn: (name) => `cloudwatch:alarm:${name}`,
    arnAttribute: 'Arn',
  },
  'AWS::CloudWatch::Dashboard': { reason: 'there are no metrics to show' },
  'AWS::SNS::Topic': {
    reason: 'only alarms publish on it, and there are none',
    arn: (name) => `sns:${name}`,
    refIsArn: true,
    arnAttribute: 'TopicArn',
    nameAttribute: 'TopicName',
  },
  'AWS::SNS::TopicPolicy': { reason: 'as for its topic' },
  'AWS::SNS::Subscription': { reason: 'as for its topic' },
  'AWS::CDK::Metadata': { reason: 'usage statistics of the CDK, meant for AWS' },
};

export const IGNORED_TYPES: readonly string[] = Object.keys(TYPES);

export function ignoredProviders({ account, region }: Place): ResourceProvider[] {
  return Object.entries(TYPES).map(([type, { reason, arn, refIsArn, arnAttribute, nameAttribute }]) => ({
    type,
    honoured: {},
    ignored: { [EVERYTHING]: reason },
    create({ stack, logicalId }: Resource) {
      const name = `${stack}-${logicalId}`;
      const [service, ...rest] = arn?.(name).split(':') ?? [];
      const full = `arn:aws:${service}:${region}:${account}:${rest.join(':')}`;
      const attributes = {
        ...(arnAttribute ? { [arnAttribute]: full } : {}),
        ...(nameAttribute ? { [nameAttribute]: name } : {}),
      };
      return Promise.resolve({ ref: refIsArn ? full : name, attributes });
    },
  }));
}
