/** Amazon CloudWatch: metrics with simple statistics; alarms with their history; composite alarms and dashboards from templates. */
import * as sdk from '@aws-sdk/client-cloudwatch';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { describeAlarmHistory } from './alarm-history.ts';
import { alarmActions, alarmTags, deleteAlarms, describeAlarms, putMetricAlarm, setAlarmState } from './alarms.ts';
import { alarmArn } from './arns.ts';
import { cloudwatchComparison } from './comparison.ts';
import { dashboardReads } from './dashboards.ts';
import { getMetricData, getMetricStatistics, listMetrics, putMetricData } from './metrics.ts';
import { cloudwatchResources } from './resources.ts';
import { CLOUDWATCH, type CloudWatchState } from './state.ts';

export const cloudwatch: Service<typeof sdk, CloudWatchState> = defineService<typeof sdk, CloudWatchState>({
  ...CLOUDWATCH,
  ...cloudwatchComparison,
  sdk,
  client: sdk.CloudWatchClient,
  prefix: 'cloudwatch',
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/logging_cw_api_calls.html
  trail: {
    source: 'monitoring',
    unrecorded: ['GetMetricData', 'GetMetricStatistics', 'ListMetrics', 'PutMetricData'],
  },
  refuses: {
    GetMetricData: ['MaxDatapoints', 'LabelOptions'],
    ListMetrics: ['RecentlyActive', 'IncludeLinkedAccounts', 'OwningAccount'],
    PutMetricAlarm: [
      'EvaluateLowSampleCountPercentile',
      'ThresholdMetricId',
      'EvaluationWindow',
      'WarmUpConfiguration',
      'EvaluationCriteria',
      'EvaluationInterval',
      'ActionConfiguration',
    ],
    PutMetricData: ['StrictEntityValidation'],
  },
  denial: { code: 'AccessDenied', status: 403 },
  operations: {
    PutMetricData: {
      needs: ({ Namespace }) => [
        { action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': Namespace! } },
      ],
      run: putMetricData,
    },
    GetMetricData: { run: getMetricData },
    GetMetricStatistics: { run: getMetricStatistics },
    ListMetrics: { run: listMetrics },
    DescribeAlarms: {
      needs: (_input, at) => [{ action: 'cloudwatch:DescribeAlarms', resource: alarmArn(at, '*') }],
      run: describeAlarms,
    },
    DescribeAlarmHistory: describeAlarmHistory,
    PutMetricAlarm: putMetricAlarm,
    DeleteAlarms: deleteAlarms,
    SetAlarmState: setAlarmState,
    ...alarmActions,
    ...alarmTags,
    ...dashboardReads,
  },
  resources: cloudwatchResources,
});
