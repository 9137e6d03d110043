import type { UpdateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import { compilePattern } from '../../event-patterns/pattern.ts';
import type { ResourceName, ResourceType } from '../../kernel/kernel.ts';
import { streamsAt } from '../dynamodbstreams/records.ts';
import { sequenceNumber } from '../dynamodbstreams/stream-record.ts';
import { parseProperties } from '../properties.ts';
import { onlyMembers } from '../requests.ts';
import { parseQueueArn, queueUrl } from '../sqs/state.ts';
import { sendAction } from './event-invoke.ts';
import {
  invalidParameterValue,
  lambdaNotFound,
  parseFunctionName,
  type ResolvedFunction,
  resolveFunction,
} from './function-reference.ts';
import { startPolling, stopPolling } from './poller.ts';
import { queueMappingProperties, streamMappingProperties } from './properties.ts';
import { requireRolePermission } from './role-permissions.ts';
import type { EventSourceMapping, LambdaAt, LambdaState } from './state.ts';

const MAPPING_TYPE = 'AWS::Lambda::EventSourceMapping';

export const mappingResources: Record<string, ResourceType<LambdaState>> = {
  [MAPPING_TYPE]: {
    create: async (input, at, resource) => {
      const mapping = await putMapping(at, at.kernel.uuid(), input, resource);
      return { ref: mapping.id, attributes: { Id: mapping.id } };
    },
    update: async (existing, input, at, resource) => {
      stopPolling(at.kernel, existing.ref);
      await putMapping(at, existing.ref, input, resource);
      return existing;
    },
    remove: (existing, at) => {
      stopPolling(at.kernel, existing.ref);
      at.state.mappings.delete(existing.ref);
    },
  },
};

type MappingInput = { readonly EventSourceArn?: unknown };
type MappingSettings = Omit<EventSourceMapping, 'id' | 'functionName' | 'qualifier' | 'modifiedAt' | 'lastResult'>;

const putMapping = async (
  at: LambdaAt,
  id: string,
  input: MappingInput,
  resource: ResourceName,
): Promise<EventSourceMapping> => {
  const { FunctionName, settings } = await parseMapping(at, input, resource);
  const { fn, reference } = resolveFunction(at.kernel, parseFunctionName(at, FunctionName));
  const mapping: EventSourceMapping = {
    ...settings,
    id,
    functionName: fn.name,
    ...(reference.qualifier && { qualifier: reference.qualifier }),
    // An update continues from the mapping's checkpoint.
    ...(settings.stream && { checkpoint: at.state.mappings.get(id)?.checkpoint ?? settings.checkpoint }),
    modifiedAt: at.kernel.clock.now(),
    lastResult: 'No records processed',
  };
  at.state.mappings.set(id, mapping);
  if (mapping.enabled) startPolling(at.kernel, at, id);
  return mapping;
};

type ParsedMapping = { readonly FunctionName: string; readonly settings: MappingSettings };

const parseMapping = (at: LambdaAt, input: MappingInput, resource: ResourceName): Promise<ParsedMapping> =>
  /^arn:[\w-]+:dynamodb:/.test(String(input.EventSourceArn))
    ? parseStreamMapping(at, input, resource)
    : parseQueueMapping(at, input, resource);

const parseQueueMapping = async (at: LambdaAt, input: object, resource: ResourceName): Promise<ParsedMapping> => {
  const properties = parseProperties(MAPPING_TYPE, queueMappingProperties, input, resource);
  const { FunctionName, BatchSize = 10, MaximumBatchingWindowInSeconds: windowSeconds = 0 } = properties;
  if (BatchSize > 10 && windowSeconds === 0)
    throw invalidParameterValue(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  await checkQueue(at, properties.EventSourceArn, resolveFunction(at.kernel, parseFunctionName(at, FunctionName)));
  const settings = {
    sourceArn: properties.EventSourceArn,
    batchSize: BatchSize,
    windowSeconds,
    reportsItemFailures: properties.FunctionResponseTypes?.length === 1,
    ...(properties.ScalingConfig?.MaximumConcurrency && { concurrency: properties.ScalingConfig.MaximumConcurrency }),
    enabled: properties.Enabled ?? true,
  };
  return { FunctionName, settings };
};

const parseStreamMapping = async (at: LambdaAt, input: object, resource: ResourceName): Promise<ParsedMapping> => {
  const properties = parseProperties(MAPPING_TYPE, streamMappingProperties, input, resource);
  const { FunctionName, EventSourceArn: sourceArn } = properties;
  const { fn } = resolveFunction(at.kernel, parseFunctionName(at, FunctionName));
  const onFailure = properties.DestinationConfig?.OnFailure.Destination;
  const filters = properties.FilterCriteria?.Filters.map(({ Pattern }) => Pattern) ?? [];
  for (const filter of filters) compilePattern(filter, { maxLength: 4096 });
  const stream = streamsAt(at.kernel, at).get(sourceArn);
  if (!stream) throw invalidParameterValue(`Stream not found: ${sourceArn}`);
  for (const action of ['DescribeStream', 'GetShardIterator', 'GetRecords'])
    requireRolePermission(at.kernel, fn, `dynamodb:${action}`, sourceArn);
  requireRolePermission(at.kernel, fn, 'dynamodb:ListStreams', '*');
  if (onFailure) requireRolePermission(at.kernel, fn, sendAction(onFailure), onFailure);
  const settings = {
    sourceArn,
    batchSize: properties.BatchSize ?? 100,
    windowSeconds: properties.MaximumBatchingWindowInSeconds ?? 0,
    reportsItemFailures: false,
    enabled: properties.Enabled ?? true,
    ...(properties.StartingPosition === 'LATEST' && { checkpoint: sequenceNumber(stream.written) }),
    stream: {
      start: properties.StartingPosition,
      filters,
      maxAgeSeconds: properties.MaximumRecordAgeInSeconds ?? -1,
      retries: properties.MaximumRetryAttempts ?? -1,
      bisects: properties.BisectBatchOnFunctionError ?? false,
      ...(onFailure && { onFailure }),
    },
  };
  return { FunctionName, settings };
};

/**
 * The role must be allowed to consume the queue, and the queue must hide messages for as long as the function may run.
 */
const checkQueue = async (at: LambdaAt, queueArn: string, { fn, configuration }: ResolvedFunction) => {
  const { kernel } = at;
  requireRolePermission(kernel, fn, 'sqs:ReceiveMessage', queueArn);
  requireRolePermission(kernel, fn, 'sqs:DeleteMessage', queueArn);
  const role = requireRolePermission(kernel, fn, 'sqs:GetQueueAttributes', queueArn);
  const { Attributes } = await kernel.call<object, { Attributes?: Record<string, string> }>(
    role,
    at,
    'sqs',
    'GetQueueAttributes',
    { QueueUrl: queueUrl(kernel, parseQueueArn(queueArn)!), AttributeNames: ['VisibilityTimeout'] },
  );
  const visibilitySeconds = Number(Attributes?.VisibilityTimeout);
  if (visibilitySeconds < configuration.timeoutSeconds)
    throw invalidParameterValue(
      `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${configuration.timeoutSeconds} seconds`,
    );
};

const findMapping = (at: LambdaAt, id: string | undefined): EventSourceMapping => {
  const mapping = at.state.mappings.get(id ?? '');
  if (!mapping) throw lambdaNotFound('The resource you requested does not exist.');
  return mapping;
};

export const updateMapping = (input: UpdateEventSourceMappingRequest, at: LambdaAt): EventSourceMapping => {
  onlyMembers('UpdateEventSourceMapping', input, ['UUID', 'Enabled']);
  const mapping = findMapping(at, input.UUID);
  mapping.enabled = input.Enabled ?? mapping.enabled;
  mapping.modifiedAt = at.kernel.clock.now();
  if (mapping.enabled) startPolling(at.kernel, at, mapping.id);
  else stopPolling(at.kernel, mapping.id);
  return mapping;
};
