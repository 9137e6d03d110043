/** The resource type AWS::Lambda::EventInvokeConfig. */
import type { At, ResourceType } from '../../kernel/kernel.ts';
import { parseProperties } from '../properties.ts';
import { eventInvokeProperties } from './properties.ts';
import { requireOfRole } from './role-permissions.ts';
import type { LambdaState } from './state.ts';
import { findTarget, namedBy } from './target.ts';

export const eventInvokeResources: Record<string, ResourceType<LambdaState>> = {
  'AWS::Lambda::EventInvokeConfig': {
    create: (properties, at, resource) => {
      const id = put(at, properties, resource);
      return { ref: id };
    },
    update: (made, properties, at, resource) => {
      put(at, properties, resource);
      return made;
    },
  },
};

const put = (at: At<LambdaState>, properties: unknown, resource: { logicalId: string; stack: string }): string => {
  const wanted = parseProperties('AWS::Lambda::EventInvokeConfig', eventInvokeProperties, properties, resource);
  const { lambda } = findTarget(at.kernel, namedBy(at, wanted.FunctionName, wanted.Qualifier));
  const onSuccess = wanted.DestinationConfig?.OnSuccess?.Destination;
  const onFailure = wanted.DestinationConfig?.OnFailure?.Destination;
  for (const destination of [onSuccess, onFailure]) {
    if (destination) requireOfRole(at.kernel, lambda, sendAction(destination), destination);
  }
  lambda.eventInvoke.set(wanted.Qualifier, {
    retries: wanted.MaximumRetryAttempts,
    maxAgeSeconds: wanted.MaximumEventAgeInSeconds,
    onSuccess,
    onFailure,
  });
  return `${lambda.name}|${wanted.Qualifier}`;
};

const sendActions: Readonly<Record<string, string>> = {
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
  lambda: 'lambda:InvokeFunction',
};

const sendAction = (arn: string): string => sendActions[arn.split(':')[2]!] ?? 'events:PutEvents';
