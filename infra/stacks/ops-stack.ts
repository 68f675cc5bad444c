/** Operations: alarms that say who is hurt, and one dashboard. Nothing in it knows an account, a person or a device. */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { COUNTERS, type Counter, METRIC_NAMESPACE } from '../../shared/platform/log.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { Settings } from '../settings.ts';
import type { ServiceStack } from './service-stack.ts';
import type { StateStack } from './state-stack.ts';

const PERIOD = Duration.minutes(5);
/** A batch waits a second, a retry three minutes: ten minutes is trouble. */
const LATE = Duration.minutes(10);

/** A counter of `log.ts`, which has no dimension. */
const counter = (metricName: Counter) =>
  new Metric({ namespace: METRIC_NAMESPACE, metricName, period: PERIOD, statistic: 'Sum' });

export class OpsStack extends Stack {
  private readonly topic: Topic;

  constructor(
    scope: Construct,
    id: string,
    {
      settings,
      state,
      service,
      ...props
    }: StackProps & { settings: Settings; state: StateStack; service: ServiceStack },
  ) {
    super(scope, id, { description: 'Custodia: alarms and a dashboard', ...props });
    this.topic = new Topic(this, 'Alarms', { displayName: 'Custodia alarms', enforceSSL: true });
    if (settings.operatorEmail) {
      acknowledge(this.topic.addSubscription(new EmailSubscription(settings.operatorEmail)), {
        'Serverless::Serverless-SNSRedrivePolicy':
          'SNS tries a mail again by itself, and the alarm stands in CloudWatch until it is over.',
      });
    }

    for (const fn of service.functions) {
      this.alarm(`${fn.node.id}Fails`, fn.hurt, fn.function.metricErrors({ period: PERIOD }), 1);
    }
    // A product that can't be compacted comes again by itself: its function ends well, and nothing gets to the dead letters.
    this.alarm(
      'CompactionsFail',
      'A product’s readings could not be compacted. It is tried again each hour; after 14 days without success they are lost.',
      counter('CompactionsFailed'),
      1,
    );
    const { devices, secretEndings, compaction, jobFailures } = state;
    this.alarm(
      'IngestIsLate',
      'What devices send is readable only after more than ten minutes.',
      devices.ingestQueue.metricApproximateAgeOfOldestMessage({ period: PERIOD }),
      LATE.toSeconds(),
    );
    for (const [id, queue, hurt] of [
      [
        'IngestDeadLetters',
        devices.ingestDeadLetters,
        'Messages of devices could not be stored, and are not yet listed as rejected.',
      ],
      [
        'PresenceDeadLetters',
        devices.presenceDeadLetters,
        'Devices show a wrong connection state, or were not cut off.',
      ],
      [
        'SecretEndingsDeadLetters',
        secretEndings.deadLetters,
        'A replaced secret of an API client works on past its end, and the client can’t be rotated again.',
      ],
      [
        'CompactionDeadLetters',
        compaction.deadLetters,
        'A product’s readings stay in fresh blocks; after 14 days they are lost.',
      ],
      [
        'JobFailures',
        jobFailures.queue,
        'Long work of an account (a deletion, an export, an import) broke off; after an hour of silence it shows as failed (`lost`) and can be tried again.',
      ],
    ] as const) {
      this.alarm(`${id}Wait`, hurt, queue.metricApproximateAgeOfOldestMessage({ period: PERIOD }), LATE.toSeconds());
    }
    this.dashboard(state, service);
  }

  private alarm(id: string, hurt: string, metric: IMetric, threshold: number) {
    new Alarm(this, id, {
      alarmDescription: hurt,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(this.topic));
  }

  private dashboard(state: StateStack, service: ServiceStack) {
    new Dashboard(this, 'Dashboard', {
      widgets: [
        [
          new GraphWidget({ title: 'Readings and messages', left: COUNTERS.map(counter), width: 12 }),
          new GraphWidget({
            title: 'Oldest message',
            left: [state.devices.ingestQueue.metricApproximateAgeOfOldestMessage({ period: PERIOD })],
            width: 12,
          }),
        ],
        [
          new GraphWidget({
            title: 'Function errors',
            left: service.functions.map((fn) => fn.function.metricErrors({ period: PERIOD })),
            width: 24,
          }),
        ],
      ],
    });
  }
}
