import type { ResourceName, ResourceType } from '../../kernel/kernel.ts';
import { parseProperties } from '../properties.ts';
import { parseFunctionName, resolveFunction } from './function-reference.ts';
import { eventInvokeProperties } from './properties.ts';
import { requireRolePermission } from './role-permissions.ts';
import type { LambdaAt, LambdaState } from './state.ts';

export const eventInvokeResources: Record<string, ResourceType<LambdaState>> = {
  'AWS::Lambda::EventInvokeConfig': {
    create: (input, at, resource) => {
      const id = putConfig(at, input, resource);
      return { ref: id };
    },
    update: (existing, input, at, resource) => {
      putConfig(at, input, resource);
      return existing;
    },
    remove: ({ ref }, at) => {
      const [name, qualifier] = ref.split('|') as [string, string];
      resolveFunction(at.kernel, parseFunctionName(at, name, qualifier)).fn.eventInvoke.delete(qualifier);
    },
  },
};

const putConfig = (at: LambdaAt, input: unknown, resource: ResourceName): string => {
  const properties = parseProperties('AWS::Lambda::EventInvokeConfig', eventInvokeProperties, input, resource);
  const { fn } = resolveFunction(at.kernel, parseFunctionName(at, properties.FunctionName, properties.Qualifier));
  const onSuccess = properties.DestinationConfig?.OnSuccess?.Destination;
  const onFailure = properties.DestinationConfig?.OnFailure?.Destination;
  for (const destination of [onSuccess, onFailure]) {
    if (destination) requireRolePermission(at.kernel, fn, sendAction(destination), destination);
  }
  fn.eventInvoke.set(properties.Qualifier, {
    retries: properties.MaximumRetryAttempts,
    maxAgeSeconds: properties.MaximumEventAgeInSeconds,
    onSuccess,
    onFailure,
  });
  return `${fn.name}|${properties.Qualifier}`;
};

const SEND_ACTIONS: Readonly<Record<string, string>> = {
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
  lambda: 'lambda:InvokeFunction',
};

export const sendAction = (arn: string): string => SEND_ACTIONS[arn.split(':')[2]!] ?? 'events:PutEvents';
