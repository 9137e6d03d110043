/** What else an operator looks at first: dead letters, throttles, alarms. */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import type { Operator } from './operator.ts';

const DAY = 86_400_000;
/** Metrics that count what AWS throttled, besides Suture's own account of it in the ledger. */
const THROTTLES = [
  { Namespace: 'AWS/Lambda', MetricName: 'Throttles', dimension: 'FunctionName' },
  { Namespace: 'AWS/States', MetricName: 'ExecutionThrottled', dimension: 'StateMachineArn' },
] as const;

/** Calls that AWS throttled in the last day, by function or state machine; none with a count of 0. */
export async function throttlesOfTheDay({ aws, now }: Operator): Promise<Record<string, number>> {
  const cloudWatch = new CloudWatchClient(aws);
  const found: Record<string, number> = {};
  for (const { Namespace, MetricName, dimension } of THROTTLES) {
    const { Metrics = [] } = await cloudWatch.send(
      new ListMetricsCommand({ Namespace, MetricName, Dimensions: [{ Name: dimension }] }),
    );
    for (const { Dimensions = [] } of Metrics) {
      const name = Dimensions[0]?.Value?.split(':').at(-1);
      if (Dimensions.length !== 1 || !name?.startsWith('suture-')) continue;
      const { Datapoints = [] } = await cloudWatch.send(
        new GetMetricStatisticsCommand({
          Namespace,
          MetricName,
          Dimensions,
          StartTime: new Date(now() - DAY),
          EndTime: new Date(now()),
          Period: DAY / 1000,
          Statistics: ['Sum'],
        }),
      );
      const sum = Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
      if (sum > 0) found[name] = sum;
    }
  }
  return found;
}

/** Names of Suture's alarms that ring. */
export async function ringingAlarms({ aws }: Operator): Promise<string[]> {
  const cloudWatch = new CloudWatchClient(aws);
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: 'suture-', StateValue: 'ALARM', NextToken }),
    );
    names.push(...(page.MetricAlarms ?? []).map(({ AlarmName }) => AlarmName!));
    NextToken = page.NextToken;
  } while (NextToken);
  return names.sort();
}
