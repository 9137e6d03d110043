import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, type PolicyStatementProps, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { namesOf } from '../../functions/domain/names.ts';
import { namesIn } from '../names.ts';
import { alarmKey, type KeyPlace } from './key.ts';

export const alarmTopicArn = ({ prefix, partition, account, region }: KeyPlace) =>
  `arn:${partition}:sns:${region}:${account}:${namesOf({ prefix }).alarmTopic}`;

/** An alarm topic and the key that encrypts it alone. */
export type AlarmTopic = { readonly topicArn: string; readonly key: IKey };

/** @param more statements of the key's policy, beside those for CloudWatch's alarms */
export function alarmTopic(scope: Construct, place: KeyPlace, ...more: PolicyStatementProps[]): AlarmTopic {
  const { partition, account, region } = place;
  const key = alarmKey(scope, place, more);
  const { alarmTopic: topicName, own } = namesOf(place);
  const topic = new Topic(scope, 'Alarms', { topicName, masterKey: key, enforceSSL: true });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsOfThisAccount',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:${own('*')}` },
      },
    }),
  );
  return { topicArn: topic.topicArn, key };
}

export type AlarmOptions = {
  /** Without the prefix. */
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

/** Adds an alarm that fires if the metric exceeds `threshold` (default 0) in one period. */
export function alarm(scope: Construct, id: string, options: AlarmOptions): Alarm {
  const { name, metric, means, article = name, topicArn, threshold = 0 } = options;
  const { comparison = ComparisonOperator.GREATER_THAN_THRESHOLD, missing = TreatMissingData.NOT_BREACHING } = options;
  const alarm = new Alarm(scope, id, {
    alarmName: namesIn(scope).own(name),
    alarmDescription: `${means} Runbook: suture docs runbook#${article}`,
    metric,
    threshold,
    comparisonOperator: comparison,
    evaluationPeriods: 1,
    treatMissingData: missing,
  });
  alarm.addAlarmAction({ bind: () => ({ alarmActionArn: topicArn }) });
  return alarm;
}
