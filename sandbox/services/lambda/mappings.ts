import type { UpdateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import type { ResourceName, ResourceType } from '../../kernel/kernel.ts';
import { parseProperties } from '../properties.ts';
import { onlyMembers } from '../requests.ts';
import { parseQueueArn, queueUrl } from '../sqs/state.ts';
import {
  invalidParameterValue,
  lambdaNotFound,
  parseFunctionName,
  type ResolvedFunction,
  resolveFunction,
} from './function-reference.ts';
import { startPolling, stopPolling } from './poller.ts';
import { mappingProperties } from './properties.ts';
import { requireRolePermission } from './role-permissions.ts';
import type { EventSourceMapping, LambdaAt, LambdaState } from './state.ts';

export const mappingResources: Record<string, ResourceType<LambdaState>> = {
  'AWS::Lambda::EventSourceMapping': {
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

const putMapping = async (
  at: LambdaAt,
  id: string,
  input: unknown,
  resource: ResourceName,
): Promise<EventSourceMapping> => {
  const properties = parseProperties('AWS::Lambda::EventSourceMapping', mappingProperties, input, resource);
  const target = resolveFunction(at.kernel, parseFunctionName(at, properties.FunctionName));
  const { BatchSize: batchSize = 10, MaximumBatchingWindowInSeconds: windowSeconds = 0 } = properties;
  if (batchSize > 10 && windowSeconds === 0)
    throw invalidParameterValue(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  await checkQueue(at, properties.EventSourceArn, target);
  const mapping: EventSourceMapping = {
    id,
    queueArn: properties.EventSourceArn,
    functionName: target.fn.name,
    ...(target.reference.qualifier && { qualifier: target.reference.qualifier }),
    batchSize,
    windowSeconds,
    reportsItemFailures: properties.FunctionResponseTypes?.length === 1,
    ...(properties.ScalingConfig?.MaximumConcurrency && { concurrency: properties.ScalingConfig.MaximumConcurrency }),
    enabled: properties.Enabled ?? true,
    modifiedAt: at.kernel.clock.now(),
    lastResult: 'No records processed',
  };
  at.state.mappings.set(id, mapping);
  if (mapping.enabled) startPolling(at.kernel, at, id);
  return mapping;
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
