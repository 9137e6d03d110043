/** The installation's dashboard: findings from arrival to outcome, what delays them, and AWS's metrics of each resource. */
import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Names } from '../../functions/domain/names.ts';
import { namesIn } from '../names.ts';
import { ownMetric, PERIOD, type WatchedResources } from './metrics.ts';

const HALF = 12;

export function dashboard(scope: Construct, options: WatchedResources): Dashboard {
  const names = namesIn(scope);
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: names.dashboard,
    defaultInterval: Duration.days(1),
    widgets: [
      [
        new TextWidget({
          width: 24,
          height: 2,
          markdown:
            '**Suture.** `suture status` says how findings stand; `suture docs runbook` has an article for each alarm.',
        }),
      ],
      [
        graph('Findings by route', byDimension(names, 'Triaged', 'Route')),
        graph('Ends', byDimension(names, 'Reported', 'Outcome')),
      ],
      [graph('Failures by error', byDimension(names, 'Failed', 'Error')), timeToFix(scope)],
      [executions(options), graph('Stops, people, fixes that did not help', stops(scope))],
      [queue('Finding updates', options.findingUpdates), queue('Failures', options.failures)],
      [
        graph('Errors of functions', ofFunctions(names, 'Errors', 'Sum')),
        graph('Throttled functions', ofFunctions(names, 'Throttles', 'Sum')),
      ],
      [graph('Duration of functions, p95 in ms', ofFunctions(names, 'Duration', 'p95')), ledger(options)],
    ],
  });
}

const graph = (title: string, left: IMetric[]): IWidget =>
  new GraphWidget({ title, left, width: HALF, period: PERIOD });

/** One line for each value of a dimension, including values that appear later. */
const byDimension = ({ metrics }: Names, name: string, dimension: string): IMetric[] => [
  search(`SEARCH('{${metrics.namespace},service,${dimension}} MetricName="${name}"', 'Sum', 300)`),
];

const ofFunctions = ({ prefix }: Names, name: string, statistic: string): IMetric[] => [
  search(`SEARCH('{AWS/Lambda,FunctionName} MetricName="${name}" ${prefix}', '${statistic}', 300)`),
];

const search = (expression: string): IMetric =>
  new MathExpression({ expression, label: '', usingMetrics: {}, period: PERIOD });

const timeToFix = (scope: Construct): IWidget =>
  new GraphWidget({
    title: 'Seconds from finding to verified fix',
    width: HALF,
    left: ['p50', 'p95'].map((statistic) =>
      ownMetric(scope, 'SecondsToFix', { Outcome: 'FIXED' }, { statistic, period: PERIOD, label: statistic }),
    ),
  });

const executions = ({ stateMachine }: WatchedResources): IWidget =>
  graph('Executions', [
    stateMachine.metricStarted({ period: PERIOD }),
    stateMachine.metricSucceeded({ period: PERIOD }),
    stateMachine.metricFailed({ period: PERIOD }),
    stateMachine.metricTimedOut({ period: PERIOD }),
    stateMachine.metricAborted({ period: PERIOD }),
    stateMachine.metricThrottled({ period: PERIOD }),
  ]);

const stops = (scope: Construct): IMetric[] =>
  ['CircuitOpened', 'CircuitClosed', 'Reopened', 'GivenUp', 'OrphanedExecutions'].map((name) => ownMetric(scope, name));

const queue = (title: string, of: IQueue): IWidget =>
  new GraphWidget({
    title: `${title}: messages, and the age of the oldest in seconds`,
    width: HALF,
    left: [of.metricApproximateNumberOfMessagesVisible({ period: PERIOD })],
    right: [of.metricApproximateAgeOfOldestMessage({ period: PERIOD })],
  });

const ledger = ({ ledger: table }: WatchedResources): IWidget =>
  graph('Ledger: units used and throttled', [
    table.metricConsumedReadCapacityUnits({ period: PERIOD }),
    table.metricConsumedWriteCapacityUnits({ period: PERIOD }),
    ...['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
      table.metric(name, { statistic: 'Sum', period: PERIOD }),
    ),
  ]);
