/** Alarms and the topic that they go to: whoever operates Suture subscribes to it. */
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
  /** What it means when it rings, and where to look first. */
  readonly means: string;
  readonly topicArn: string;
};

/** Rings as soon as the metric is above zero in one period. */
export function alarm(scope: Construct, id: string, { name, metric, means, topicArn }: AlarmOptions): Alarm {
  const made = new Alarm(scope, id, {
    alarmName: `suture-${name}`,
    alarmDescription: means,
    metric,
    threshold: 0,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  made.addAlarmAction({ bind: () => ({ alarmActionArn: topicArn }) });
  return made;
}
