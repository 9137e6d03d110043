/** A metric filter and its alarm in the language of the account's owner. */
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { PutMetricFilterRequest } from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod';
import type { DeclaredChange } from '../../contract/remediation.ts';
import { declaredChange, joinedChange } from '../kit/owner-language.ts';

const TEXT = { type: z.string(), default: 'suture' };
const NUMBER = { type: z.int(), default: 60 };
const LIST = { type: z.array(z.unknown()), default: [] };

export const METRIC_FILTER_WORDS = {
  cloudFormation: 'AWS::Logs::MetricFilter',
  terraform: 'aws_cloudwatch_log_metric_filter',
  beside: true,
  attributes: {
    filterName: { ...TEXT, cloudFormation: 'FilterName', terraform: 'name' },
    logGroupName: { ...TEXT, cloudFormation: 'LogGroupName', terraform: 'log_group_name' },
    filterPattern: { ...TEXT, cloudFormation: 'FilterPattern', terraform: 'pattern' },
    metricTransformations: {
      ...LIST,
      cloudFormation: 'MetricTransformations',
      terraform: 'metric_transformation',
      terraformKeys: { MetricName: 'name', MetricNamespace: 'namespace', MetricValue: 'value' },
    },
  },
} as const;

export const METRIC_ALARM_WORDS = {
  cloudFormation: 'AWS::CloudWatch::Alarm',
  terraform: 'aws_cloudwatch_metric_alarm',
  beside: true,
  attributes: {
    AlarmName: { ...TEXT, terraform: 'alarm_name' },
    AlarmActions: { ...LIST, terraform: 'alarm_actions' },
    Namespace: { ...TEXT, terraform: 'namespace' },
    MetricName: { ...TEXT, terraform: 'metric_name' },
    Statistic: { type: z.enum(['Sum', 'Average']), default: 'Sum', terraform: 'statistic' },
    Period: { ...NUMBER, terraform: 'period' },
    EvaluationPeriods: { ...NUMBER, terraform: 'evaluation_periods' },
    ComparisonOperator: {
      type: z.enum(['GreaterThanOrEqualToThreshold', 'GreaterThanThreshold']),
      default: 'GreaterThanThreshold',
      terraform: 'comparison_operator',
    },
    Threshold: { ...NUMBER, terraform: 'threshold' },
    TreatMissingData: {
      type: z.enum(['notBreaching', 'missing']),
      default: 'missing',
      terraform: 'treat_missing_data',
    },
  },
} as const;

/** Returns the filter and the alarm that the owner writes. */
export function declaredFilterAndAlarm(filter: PutMetricFilterRequest, alarm: PutMetricAlarmInput): DeclaredChange {
  const metricTransformations = filter.metricTransformations!.map((transformation) => ({
    MetricName: transformation.metricName,
    MetricNamespace: transformation.metricNamespace,
    MetricValue: transformation.metricValue,
    DefaultValue: transformation.defaultValue,
  }));
  return joinedChange(
    declaredChange(METRIC_FILTER_WORDS, { ...filter, metricTransformations }),
    declaredChange(METRIC_ALARM_WORDS, { ...alarm }),
  );
}
