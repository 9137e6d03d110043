/** Event source mappings: the resource type, and what turns them on and off. */
import type { UpdateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import type { At, ResourceType } from '../../kernel/kernel.ts';
import { parseProperties } from '../properties.ts';
import { onlyMembers } from '../requests.ts';
import { poll, stopPolling } from './poller.ts';
import { mappingProperties } from './properties.ts';
import { requireOfRole } from './role-permissions.ts';
import type { EventSourceMapping, LambdaState } from './state.ts';
import { findTarget, invalid, namedBy, notFound } from './target.ts';

type LambdaAt = At<LambdaState>;

export const mappingResources: Record<string, ResourceType<LambdaState>> = {
  'AWS::Lambda::EventSourceMapping': {
    create: async (properties, at, resource) => {
      const mapping = await put(at, at.kernel.uuid(), properties, resource);
      return { ref: mapping.id, attributes: { Id: mapping.id } };
    },
    update: async (made, properties, at, resource) => {
      stopPolling(at.kernel, made.ref);
      await put(at, made.ref, properties, resource);
      return made;
    },
    remove: (made, at) => {
      stopPolling(at.kernel, made.ref);
      at.state.mappings.delete(made.ref);
    },
  },
};

const put = async (
  at: LambdaAt,
  id: string,
  properties: unknown,
  resource: { logicalId: string; stack: string },
): Promise<EventSourceMapping> => {
  const wanted = parseProperties('AWS::Lambda::EventSourceMapping', mappingProperties, properties, resource);
  const target = findTarget(at.kernel, namedBy(at, wanted.FunctionName));
  const { BatchSize: batchSize = 10, MaximumBatchingWindowInSeconds: windowSeconds = 0 } = wanted;
  if (batchSize > 10 && windowSeconds === 0) {
    throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10');
  }
  await checkQueue(at, wanted.EventSourceArn, target);
  const mapping: EventSourceMapping = {
    id,
    queueArn: wanted.EventSourceArn,
    functionName: target.lambda.name,
    ...(target.named.qualifier && { qualifier: target.named.qualifier }),
    batchSize,
    windowSeconds,
    reportsItemFailures: wanted.FunctionResponseTypes?.length === 1,
    ...(wanted.ScalingConfig?.MaximumConcurrency && { concurrency: wanted.ScalingConfig.MaximumConcurrency }),
    enabled: wanted.Enabled ?? true,
    modifiedAt: at.kernel.clock.now(),
    lastResult: 'No records processed',
  };
  at.state.mappings.set(id, mapping);
  if (mapping.enabled) poll(at.kernel, at, id);
  return mapping;
};

/** The role must be able to consume the queue, and the queue must hide messages for as long as the function may run. */
const checkQueue = async (at: LambdaAt, queueArn: string, { lambda, configuration }: ReturnType<typeof findTarget>) => {
  const { kernel } = at;
  requireOfRole(kernel, lambda, 'sqs:ReceiveMessage', queueArn);
  requireOfRole(kernel, lambda, 'sqs:DeleteMessage', queueArn);
  const role = requireOfRole(kernel, lambda, 'sqs:GetQueueAttributes', queueArn);
  const [, , , , account, name] = queueArn.split(':');
  const { Attributes } = await kernel.call<object, { Attributes?: Record<string, string> }>(
    role,
    at,
    'sqs',
    'GetQueueAttributes',
    { QueueUrl: `${kernel.endpoint}/${account}/${name}`, AttributeNames: ['VisibilityTimeout'] },
  );
  const visibility = Number(Attributes?.VisibilityTimeout);
  if (visibility < configuration.timeoutSeconds) {
    throw invalid(
      `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${configuration.timeoutSeconds} seconds`,
    );
  }
};

/** @throws ResourceNotFoundException */
export const findMapping = (at: LambdaAt, id: string | undefined): EventSourceMapping => {
  const mapping = at.state.mappings.get(id ?? '');
  if (!mapping) throw notFound('The resource you requested does not exist.');
  return mapping;
};

/** Enables or disables a mapping; nothing else of it can be changed here. */
export const updateMapping = (input: UpdateEventSourceMappingRequest, at: LambdaAt): EventSourceMapping => {
  onlyMembers('UpdateEventSourceMapping', input, ['UUID', 'Enabled']);
  const mapping = findMapping(at, input.UUID);
  mapping.enabled = input.Enabled ?? mapping.enabled;
  mapping.modifiedAt = at.kernel.clock.now();
  if (mapping.enabled) poll(at.kernel, at, mapping.id);
  else stopPolling(at.kernel, mapping.id);
  return mapping;
};
