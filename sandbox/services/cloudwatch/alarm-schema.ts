/** Settings of alarms, which requests and templates write alike. */
import * as z from 'zod';
import { AwsError } from '../../kernel/kernel.ts';
import { flag, tagsSchema } from '../properties.ts';

const dimensionsSchema = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).max(30);

const actionsSchema = z.array(z.string().regex(/^arn:[^:]+:sns:/, 'only SNS topics are modelled as actions')).max(5);

export const commonProperties = {
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

export const alarmSchema = z.strictObject({
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

/** @throws AwsError for an alarm on no metric, or on two */
export function mustHaveMetric({ Metrics, MetricName }: z.infer<typeof alarmSchema>): void {
  if (Boolean(Metrics) === Boolean(MetricName))
    throw new AwsError('ValidationError', 'An alarm needs either Metrics or MetricName');
}
