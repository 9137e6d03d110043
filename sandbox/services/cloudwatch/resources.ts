import * as z from 'zod';
import { type At, AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { alarmArn } from './alarms.ts';
import type { Alarm, CloudWatchState } from './state.ts';

const dimensions = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).max(30);

/** Only topics: what else an alarm may do is not modelled. */
const actions = z.array(z.string().regex(/^arn:[^:]+:sns:/, 'only SNS topics are modelled as actions')).max(5);

const common = {
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: flag.optional(),
  AlarmActions: actions.optional(),
  OKActions: actions.optional(),
  InsufficientDataActions: actions.optional(),
  Tags: tagsSchema.optional(),
};

const metricStat = z.strictObject({
  Metric: z.strictObject({ MetricName: z.string(), Namespace: z.string(), Dimensions: dimensions.optional() }),
  Period: z.number(),
  Stat: z.string(),
  Unit: z.string().optional(),
});

const comparison = z.enum([
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
]);

const alarmSchema = z.strictObject({
  ...common,
  ComparisonOperator: comparison,
  EvaluationPeriods: z.number().int().min(1),
  DatapointsToAlarm: z.number().int().min(1).optional(),
  Threshold: z.number(),
  TreatMissingData: z.enum(['breaching', 'notBreaching', 'ignore', 'missing']).optional(),
  MetricName: z.string().optional(),
  Namespace: z.string().optional(),
  Dimensions: dimensions.optional(),
  Period: z.number().int().optional(),
  Statistic: z.enum(['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum']).optional(),
  ExtendedStatistic: z.string().optional(),
  Unit: z.string().optional(),
  Metrics: z
    .array(
      z.strictObject({
        Id: z.string().regex(/^[a-z]\w*$/),
        AccountId: z.string().optional(),
        Expression: z.string().optional(),
        Label: z.string().optional(),
        MetricStat: metricStat.optional(),
        Period: z.number().optional(),
        ReturnData: flag.optional(),
      }),
    )
    .optional(),
});

const compositeSchema = z.strictObject({ ...common, AlarmRule: z.string().min(1).max(10_240) });

const dashboardSchema = z.strictObject({ DashboardName: z.string().optional(), DashboardBody: z.string() });

const types = {
  alarm: 'AWS::CloudWatch::Alarm',
  composite: 'AWS::CloudWatch::CompositeAlarm',
  dashboard: 'AWS::CloudWatch::Dashboard',
};

type Here = At<CloudWatchState>;
type Resource = { readonly logicalId: string; readonly stack: string };

export const cloudwatchResources: Record<string, ResourceType<CloudWatchState>> = {
  [types.alarm]: alarmType('metric', (given, resource) => {
    const properties = parseProperties(types.alarm, alarmSchema, given, resource);
    if (Boolean(properties.Metrics) === Boolean(properties.MetricName)) {
      throw new AwsError('ValidationError', 'An alarm needs either Metrics or MetricName');
    }
    return properties;
  }),
  [types.composite]: alarmType('composite', (given, resource) =>
    parseProperties(types.composite, compositeSchema, given, resource),
  ),
  [types.dashboard]: {
    create(given, at, resource) {
      const { DashboardName } = parseProperties(types.dashboard, dashboardSchema, given, resource);
      return putDashboard(DashboardName ?? physicalName(at.kernel, resource, '', 255), given, at);
    },
    update: (made, given, at, resource) => {
      parseProperties(types.dashboard, dashboardSchema, given, resource);
      return putDashboard(made.ref, given, at);
    },
    remove: (made, at) => void at.state.dashboards.delete(made.ref),
  },
};

/** An alarm begins with too little data to tell, and keeps its state when its settings change. */
function alarmType(
  kind: Alarm['kind'],
  parse: (given: unknown, resource: Resource) => z.infer<typeof alarmSchema> | z.infer<typeof compositeSchema>,
): ResourceType<CloudWatchState> {
  return {
    create(given, at, resource) {
      const { AlarmName, Tags, ...settings } = parse(given, resource);
      const name = AlarmName ?? physicalName(at.kernel, resource, '', 255);
      const arn = alarmArn(at, name);
      const updatedAt = at.kernel.clock.now();
      at.state.alarms.set(name, {
        name,
        arn,
        kind,
        settings,
        state: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        updatedAt,
      });
      return { ref: name, attributes: { Arn: arn } };
    },
    update(made, given, at, resource) {
      const { AlarmName, Tags, ...settings } = parse(given, resource);
      if (AlarmName !== undefined && AlarmName !== made.ref)
        throw new AwsError('NotModelled', 'an alarm that is renamed', 501);
      at.state.alarms.set(made.ref, { ...at.state.alarms.get(made.ref)!, settings });
      return made;
    },
    remove: (made, at) => void at.state.alarms.delete(made.ref),
  };
}

function putDashboard(name: string, { DashboardBody }: { DashboardBody: string }, at: Here): CreatedResource {
  try {
    JSON.parse(DashboardBody);
  } catch {
    throw new AwsError('InvalidParameterInput', 'The field DashboardBody must be a valid JSON object');
  }
  at.state.dashboards.set(name, DashboardBody);
  return { ref: name };
}
