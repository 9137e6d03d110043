import type {
  AliasConfiguration,
  EventSourceMappingConfiguration,
  FunctionConfiguration,
  GetAccountSettingsResponse,
  GetFunctionUrlConfigResponse,
  Runtime,
} from '@aws-sdk/client-lambda';
import type { AwsPlace } from '../../kernel/kernel.ts';
import { concurrencyQuota, unreservedConcurrency } from './concurrency.ts';
import type {
  EventSourceMapping,
  FunctionUrl,
  LambdaAt,
  LambdaFunction,
  StreamSettings,
  VersionConfiguration,
} from './state.ts';

export const describeFunction = (
  fn: LambdaFunction,
  configuration: VersionConfiguration,
  qualifier?: string,
): FunctionConfiguration => ({
  FunctionName: fn.name,
  FunctionArn: qualifier ? `${fn.arn}:${qualifier}` : fn.arn,
  Version: configuration.version,
  Description: configuration.description,
  Runtime: configuration.runtime as Runtime,
  Role: configuration.role,
  Handler: configuration.handler,
  MemorySize: configuration.memoryMb,
  Timeout: configuration.timeoutSeconds,
  Architectures: [configuration.architecture as 'arm64'],
  Environment: { Variables: { ...configuration.variables } },
  LastModified: new Date(configuration.modifiedAt).toISOString().replace('Z', '+0000'),
  LoggingConfig: { LogGroup: configuration.logGroupName, LogFormat: configuration.logFormat as 'JSON' },
  TracingConfig: { Mode: configuration.tracing as 'Active' },
  RevisionId: configuration.revision,
  PackageType: 'Zip',
  State: 'Active',
  LastUpdateStatus: 'Successful',
  ...(configuration.keyArn && { KMSKeyArn: configuration.keyArn }),
  ...(configuration.deadLetterArn && { DeadLetterConfig: { TargetArn: configuration.deadLetterArn } }),
});

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const accountSettings = (at: LambdaAt): GetAccountSettingsResponse => ({
  AccountLimit: {
    TotalCodeSize: 80_530_636_800,
    CodeSizeUnzipped: 262_144_000,
    CodeSizeZipped: 52_428_800,
    ConcurrentExecutions: concurrencyQuota(at.kernel, at),
    UnreservedConcurrentExecutions: unreservedConcurrency(at.kernel, at),
  },
  AccountUsage: { FunctionCount: at.state.functions.size },
});

export const describeAlias = (fn: LambdaFunction, name: string): AliasConfiguration => {
  const { version, description } = fn.aliases.get(name)!;
  return { AliasArn: `${fn.arn}:${name}`, Name: name, FunctionVersion: version, Description: description };
};

export const describeUrl = (url: FunctionUrl, functionArn: string, address: string): GetFunctionUrlConfigResponse => ({
  FunctionUrl: address,
  FunctionArn: functionArn,
  AuthType: url.auth,
  CreationTime: new Date(url.createdAt).toISOString(),
  LastModifiedTime: new Date(url.createdAt).toISOString(),
  InvokeMode: 'BUFFERED',
});

const describeStreamSettings = (stream: StreamSettings): Partial<EventSourceMappingConfiguration> => ({
  StartingPosition: stream.start,
  MaximumRetryAttempts: stream.retries,
  MaximumRecordAgeInSeconds: stream.maxAgeSeconds,
  BisectBatchOnFunctionError: stream.bisects,
  ParallelizationFactor: 1,
  ...(stream.onFailure && { DestinationConfig: { OnFailure: { Destination: stream.onFailure } } }),
  ...(stream.filters.length > 0 && { FilterCriteria: { Filters: stream.filters.map((Pattern) => ({ Pattern })) } }),
});

export const describeMapping = (place: AwsPlace, mapping: EventSourceMapping): EventSourceMappingConfiguration => {
  const prefix = `arn:${place.partition}:lambda:${place.region}:${place.account}`;
  return {
    UUID: mapping.id,
    EventSourceMappingArn: `${prefix}:event-source-mapping:${mapping.id}`,
    EventSourceArn: mapping.sourceArn,
    FunctionArn: `${prefix}:function:${mapping.functionName}${mapping.qualifier ? `:${mapping.qualifier}` : ''}`,
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    FunctionResponseTypes: mapping.reportsItemFailures ? ['ReportBatchItemFailures'] : [],
    ...(mapping.stream && describeStreamSettings(mapping.stream)),
    ...(mapping.concurrency && { ScalingConfig: { MaximumConcurrency: mapping.concurrency } }),
    State: mapping.enabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
    LastModified: new Date(mapping.modifiedAt),
    LastProcessingResult: mapping.lastResult,
  };
};
