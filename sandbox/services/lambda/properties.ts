/** The sandbox accepts only properties to which it gives an effect. */
import * as z from 'zod';
import { flag, tagsSchema } from '../properties.ts';

const amount = z.coerce.number().int();

export const functionProperties = z.strictObject({
  // A directory, by which a deployment replaces an asset in S3, or source text.
  Code: z.union([z.strictObject({ directory: z.string() }), z.strictObject({ ZipFile: z.string() })]),
  Role: z.string(),
  Handler: z.string(),
  Runtime: z.string().startsWith('nodejs'),
  FunctionName: z.string().max(64).optional(),
  Description: z.string().max(256).optional(),
  Architectures: z
    .array(z.enum(['arm64', 'x86_64']))
    .length(1)
    .optional(),
  DeadLetterConfig: z.strictObject({ TargetArn: z.string() }).optional(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.coerce.string()).optional() }).optional(),
  KmsKeyArn: z.string().optional(),
  LoggingConfig: z
    .strictObject({
      LogGroup: z.string().optional(),
      LogFormat: z.enum(['JSON', 'Text']).optional(),
      ApplicationLogLevel: z.string().optional(),
      SystemLogLevel: z.string().optional(),
    })
    .optional(),
  MemorySize: amount.min(128).max(10_240).optional(),
  PackageType: z.literal('Zip').optional(),
  RecursiveLoop: z.enum(['Allow', 'Terminate']).optional(),
  ReservedConcurrentExecutions: amount.min(0).optional(),
  Tags: tagsSchema.optional(),
  Timeout: amount.min(1).max(900).optional(),
  TracingConfig: z.strictObject({ Mode: z.enum(['Active', 'PassThrough']) }).optional(),
});

export const versionProperties = z.strictObject({
  FunctionName: z.string(),
  Description: z.string().optional(),
});

export const aliasProperties = z.strictObject({
  FunctionName: z.string(),
  FunctionVersion: z.string(),
  Name: z.string().regex(/^(?!\d+$)[\w-]+$/),
  Description: z.string().optional(),
});

export const permissionProperties = z.strictObject({
  Action: z.string().startsWith('lambda:'),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
  PrincipalOrgID: z.string().optional(),
  FunctionUrlAuthType: z.enum(['AWS_IAM', 'NONE']).optional(),
  InvokedViaFunctionUrl: flag.optional(),
});

const destination = z.strictObject({ Destination: z.string() });

export const eventInvokeProperties = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.string(),
  MaximumRetryAttempts: amount.min(0).max(2).optional(),
  MaximumEventAgeInSeconds: amount.min(60).max(21_600).optional(),
  DestinationConfig: z
    .strictObject({ OnSuccess: destination.optional(), OnFailure: destination.optional() })
    .optional(),
});

export const urlProperties = z.strictObject({
  TargetFunctionArn: z.string(),
  AuthType: z.enum(['AWS_IAM', 'NONE']),
  Qualifier: z.string().optional(),
  InvokeMode: z.literal('BUFFERED').optional(),
});

const commonMappingProperties = {
  FunctionName: z.string(),
  BatchSize: amount.min(1).max(10_000).optional(),
  Enabled: flag.optional(),
  MaximumBatchingWindowInSeconds: amount.min(0).max(300).optional(),
  Tags: tagsSchema.optional(),
};

export const queueMappingProperties = z.strictObject({
  ...commonMappingProperties,
  EventSourceArn: z
    .string()
    .regex(/^arn:[\w-]+:sqs:/, 'the sandbox models SQS queues and DynamoDB streams as event sources'),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).max(1).optional(),
  ScalingConfig: z.strictObject({ MaximumConcurrency: amount.min(2).max(1000).optional() }).optional(),
});

/** https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html */
export const streamMappingProperties = z.strictObject({
  ...commonMappingProperties,
  EventSourceArn: z.string(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  FilterCriteria: z
    .strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string().max(4096) })).max(5) })
    .optional(),
  MaximumRecordAgeInSeconds: z.union([z.literal(-1), amount.min(60).max(604_800)]).optional(),
  MaximumRetryAttempts: amount.min(-1).max(10_000).optional(),
  BisectBatchOnFunctionError: flag.optional(),
  ParallelizationFactor: z.literal(1, 'the sandbox processes one batch of a shard at a time').optional(),
  DestinationConfig: z
    .strictObject({
      OnFailure: z.strictObject({
        Destination: z.string().regex(/^arn:[\w-]+:(sqs|sns):/, 'the sandbox models queues and topics as destinations'),
      }),
    })
    .optional(),
});
