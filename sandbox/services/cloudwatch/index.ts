/** Amazon CloudWatch: metrics with simple statistics, and alarms, composite alarms and dashboards as templates give them. */
import * as sdk from '@aws-sdk/client-cloudwatch';
import { type AwsPlace, defineService, type Kernel, type Service } from '../../kernel/kernel.ts';
import { alarmArn, describeAlarms, setAlarmState } from './alarms.ts';
import { recordEmf } from './emf.ts';
import { getMetricData, getMetricStatistics, listMetrics, putMetricData } from './metrics.ts';
import { cloudwatchResources } from './resources.ts';
import type { CloudWatchState } from './state.ts';

export const cloudwatch: Service<typeof sdk, CloudWatchState> = defineService<typeof sdk, CloudWatchState>({
  name: 'cloudwatch',
  sdk,
  client: sdk.CloudWatchClient,
  prefix: 'cloudwatch',
  scope: 'region',
  state: () => ({ series: new Map(), alarms: new Map(), dashboards: new Map() }),
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
    SetAlarmState: setAlarmState,
  },
  resources: cloudwatchResources,
});

/** Records the metrics that a function's log line holds in embedded metric format, and answers how many; 0 for any other line. */
export function ingestEmf(kernel: Kernel, place: AwsPlace, line: string): number {
  return recordEmf(kernel.state(cloudwatch, place), line);
}
