import { StandardUnit } from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod';
import { tagsSchema } from '../properties.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logGroupSchema = z.strictObject({
  LogGroupName: z
    .string()
    .regex(/^[.\-_/#A-Za-z0-9]{1,512}$/)
    .optional(),
  RetentionInDays: z.literal(RETENTION_DAYS).optional(),
  KmsKeyId: z.string().optional(),
  LogGroupClass: z.enum(['STANDARD', 'INFREQUENT_ACCESS']).optional(),
  Tags: tagsSchema.optional(),
});

export const metricFilterSchema = z.strictObject({
  LogGroupName: z.string(),
  FilterName: z.string().optional(),
  FilterPattern: z.string(),
  MetricTransformations: z
    .array(
      z.strictObject({
        MetricName: z.string(),
        MetricNamespace: z.string(),
        MetricValue: z.string(),
        DefaultValue: z.number().optional(),
        Unit: z.enum(StandardUnit).optional(),
        Dimensions: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
      }),
    )
    .length(1),
});

export const resourcePolicySchema = z.strictObject({ PolicyName: z.string(), PolicyDocument: z.string().max(5120) });
