import * as z from 'zod';
import { AwsError, type CreatedResource, type ResourceName, type ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { alarmArn } from './alarms.ts';
import type { Alarm, CloudWatchAt, CloudWatchState } from './state.ts';

const dimensionsSchema = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).max(30);

const actionsSchema = z.array(z.string().regex(/^arn:[^:]+:sns:/, 'only SNS topics are modelled as actions')).max(5);

const commonProperties = {
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: flag.optional(),
  AlarmActions: actionsSchema.optional(),
  OKActions: actionsSchema.optional(),
  InsufficientDataActions: actionsSchema.optional(),
  Tags: tagsSchema.optional(),
};

const metricStat = z.strictObject({
  Metric: z.strictObject({ MetricName: z.string(), Namespace: z.string(), Dimensions: dimensionsSchema.optional() }),
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
  ...commonProperties,
  ComparisonOperator: comparison,
  EvaluationPeriods: z.number().int().min(1),
  DatapointsToAlarm: z.number().int().min(1).optional(),
  Threshold: z.number(),
  TreatMissingData: z.enum(['breaching', 'notBreaching', 'ignore', 'missing']).optional(),
  MetricName: z.string().optional(),
  Namespace: z.string().optional(),
  Dimensions: dimensionsSchema.optional(),
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

const compositeSchema = z.strictObject({ ...commonProperties, AlarmRule: z.string().min(1).max(10_240) });

const dashboardSchema = z.strictObject({ DashboardName: z.string().optional(), DashboardBody: z.string() });

const TYPES = {
  alarm: 'AWS::CloudWatch::Alarm',
  composite: 'AWS::CloudWatch::CompositeAlarm',
  dashboard: 'AWS::CloudWatch::Dashboard',
};

export const cloudwatchResources: Record<string, ResourceType<CloudWatchState>> = {
  [TYPES.alarm]: alarmType('metric', (properties, resource) => {
    const alarm = parseProperties(TYPES.alarm, alarmSchema, properties, resource);
    if (Boolean(alarm.Metrics) === Boolean(alarm.MetricName))
      throw new AwsError('ValidationError', 'An alarm needs either Metrics or MetricName');
    return alarm;
  }),
  [TYPES.composite]: alarmType('composite', (properties, resource) =>
    parseProperties(TYPES.composite, compositeSchema, properties, resource),
  ),
  [TYPES.dashboard]: {
    create(properties, at, resource) {
      const { DashboardName } = parseProperties(TYPES.dashboard, dashboardSchema, properties, resource);
      return putDashboard(DashboardName ?? physicalName(at.kernel, resource, '', 255), properties, at);
    },
    update: (existing, properties, at, resource) => {
      parseProperties(TYPES.dashboard, dashboardSchema, properties, resource);
      return putDashboard(existing.ref, properties, at);
    },
    remove: (existing, at) => void at.state.dashboards.delete(existing.ref),
  },
};

/** A new alarm is in INSUFFICIENT_DATA; an update keeps its state. */
function alarmType(
  kind: Alarm['kind'],
  parse: (properties: unknown, resource: ResourceName) => z.infer<typeof alarmSchema> | z.infer<typeof compositeSchema>,
): ResourceType<CloudWatchState> {
  return {
    create(properties, at, resource) {
      const { AlarmName, Tags, ...settings } = parse(properties, resource);
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
    update(existing, properties, at, resource) {
      const { AlarmName, Tags, ...settings } = parse(properties, resource);
      if (AlarmName !== undefined && AlarmName !== existing.ref)
        throw new AwsError('NotModelled', 'an alarm that is renamed', 501);
      at.state.alarms.set(existing.ref, { ...at.state.alarms.get(existing.ref)!, settings });
      return existing;
    },
    remove: (existing, at) => void at.state.alarms.delete(existing.ref),
  };
}

function putDashboard(name: string, { DashboardBody }: { DashboardBody: string }, at: CloudWatchAt): CreatedResource {
  try {
    JSON.parse(DashboardBody);
  } catch {
    throw new AwsError('InvalidParameterInput', 'The field DashboardBody must be a valid JSON object');
  }
  at.state.dashboards.set(name, DashboardBody);
  return { ref: name };
}
