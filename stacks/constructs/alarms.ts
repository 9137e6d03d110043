import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ALARM_TOPIC } from '../names.ts';
import type { KeyPlace } from './key.ts';

export const alarmTopicArn = ({ partition, account, region }: KeyPlace) =>
  `arn:${partition}:sns:${region}:${account}:${ALARM_TOPIC}`;

export function alarmTopic(scope: Construct, place: KeyPlace, key: IKey): Topic {
  const { partition, account, region } = place;
  const topic = new Topic(scope, 'Alarms', { topicName: ALARM_TOPIC, masterKey: key, enforceSSL: true });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsOfThisAccount',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:suture-*` },
      },
    }),
  );
  return topic;
}

export type AlarmOptions = {
  readonly name: string;
  readonly metric: IMetric;
  readonly means: string;
  /** The article of docs/runbook.md; default: the alarm's name. Similar alarms share one. */
  readonly article?: string;
  readonly topicArn: string;
  readonly threshold?: number;
  readonly comparison?: ComparisonOperator;
  readonly missing?: TreatMissingData;
};

/** The alarm fires if the metric exceeds `threshold` (default 0) in one period. */
export function alarm(scope: Construct, id: string, options: AlarmOptions): Alarm {
  const { name, metric, means, article = name, topicArn, threshold = 0 } = options;
  const { comparison = ComparisonOperator.GREATER_THAN_THRESHOLD, missing = TreatMissingData.NOT_BREACHING } = options;
  const alarm = new Alarm(scope, id, {
    alarmName: `suture-${name}`,
    alarmDescription: `${means} Runbook: docs/runbook.md#${article}`,
    metric,
    threshold,
    comparisonOperator: comparison,
    evaluationPeriods: 1,
    treatMissingData: missing,
  });
  alarm.addAlarmAction({ bind: () => ({ alarmActionArn: topicArn }) });
  return alarm;
}
