/**
 * Sends events to each kind of target, as EventBridge or as the target's role.
 * Source: "Amazon EventBridge targets" and "Permissions for Amazon EventBridge", EventBridge user guide.
 */
import { createHash } from 'node:crypto';
import type { Target } from '@aws-sdk/client-eventbridge';
import { parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { parseQueueArn, queueUrl } from '../sqs/state.ts';
import { DEFAULT_MAX_AGE_SECONDS } from './delivery.ts';
import type { BusEvent } from './event.ts';
import { invokeDestination } from './invoke-destination.ts';
import { EVENTBRIDGE } from './state.ts';

type TargetDelivery = {
  readonly kernel: Kernel;
  readonly rule: string;
  readonly ruleAccount: string;
  readonly target: Target;
  readonly event: BusEvent;
  readonly input: string;
  readonly ingestedAt: number;
  readonly publish: (kernel: Kernel, place: AwsPlace, busName: string, event: BusEvent) => void;
};
type SendToTarget = (delivery: TargetDelivery, place: AwsPlace) => Promise<string | undefined>;

export const sendToTarget = (delivery: TargetDelivery): Promise<string | undefined> => {
  const { partition, region, account } = parseTargetArn(delivery.target.Arn);
  return senderFor(delivery.target.Arn)(delivery, { partition, region, account });
};

/** Returns true for targets to which EventBridge sends with the target's role. */
const needsRole = (send: SendToTarget): boolean => send === toStateMachine || send === toApiDestination;

/** @throws AwsError for a target that the sandbox does not model, or one without the role that it needs */
export function checkTarget(target: Target): void {
  const send = senderFor(target.Arn);
  if (target.HttpParameters && send !== toApiDestination)
    throw notModelled(`HttpParameters of the target ${target.Arn}`);
  if (needsRole(send) && !target.RoleArn)
    throw new AwsError('ValidationException', `RoleArn is required for target ${target.Arn}.`);
}

function senderFor(arn: string | undefined): SendToTarget {
  const { service, resource } = parseTargetArn(arn);
  if (service === 'states' && resource.startsWith('stateMachine:')) return toStateMachine;
  if (service === 'lambda') return toFunction;
  if (service === 'sqs') return toQueue;
  if (service === 'sns') return toTopic;
  if (service === 'events' && resource.startsWith('event-bus/')) return toBus;
  if (service === 'events' && resource.startsWith('api-destination/')) return toApiDestination;
  if (service === 'logs') return toLogGroup;
  throw notModelled(`EventBridge targets like ${arn}`);
}

const toStateMachine: SendToTarget = async (delivery, place) => {
  const { kernel, target, event, input, rule } = delivery;
  const { executionArn } = await kernel.call<object, { executionArn: string }>(
    rolePrincipal(delivery),
    place,
    'sfn',
    'StartExecution',
    {
      stateMachineArn: target.Arn,
      input,
      name: `${event.id}_${targetIdentity(rule, target)}`,
    },
  );
  return executionArn;
};

const toFunction: SendToTarget = async ({ kernel, target, input, ...sender }, place) => {
  await kernel.call(rulePrincipal(sender), place, 'lambda', 'Invoke', {
    FunctionName: target.Arn,
    InvocationType: 'Event',
    Payload: new TextEncoder().encode(input),
  });
  return undefined;
};

const toQueue: SendToTarget = async ({ kernel, target, input, ...sender }) => {
  const queue = parseQueueArn(target.Arn!);
  if (!queue) throw new AwsError('InvalidParameterValue', `Not the ARN of a queue: ${target.Arn}`);
  await kernel.call(rulePrincipal(sender), queue.place, 'sqs', 'SendMessage', {
    QueueUrl: queueUrl(kernel, queue),
    MessageBody: input,
    MessageGroupId: target.SqsParameters?.MessageGroupId,
  });
  return undefined;
};

const toTopic: SendToTarget = async ({ kernel, target, input, ...sender }, place) => {
  await kernel.call(rulePrincipal(sender), place, 'sns', 'Publish', { TopicArn: target.Arn, Message: input });
  return undefined;
};

const toBus: SendToTarget = async (delivery, place) => {
  const { kernel, target, event, publish } = delivery;
  const name = parseTargetArn(target.Arn).resource.slice('event-bus/'.length);
  const bus = kernel.state(EVENTBRIDGE, place).buses.get(name);
  if (!bus) throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  const principal = target.RoleArn ? rolePrincipal(delivery) : rulePrincipal(delivery);
  kernel.authorize(
    principal,
    place,
    {
      action: 'events:PutEvents',
      resource: bus.arn,
      context: { 'events:source': event.source, 'events:detail-type': event['detail-type'] },
      ...(bus.policy && { resourcePolicy: parseIamPolicy(bus.policy, 'resource') }),
    },
    'eventbridge',
  );
  publish(kernel, place, name, event);
  return undefined;
};

const toApiDestination: SendToTarget = (delivery, place) => {
  const { kernel, target, input, ingestedAt } = delivery;
  const maxAgeSeconds = target.RetryPolicy?.MaximumEventAgeInSeconds ?? DEFAULT_MAX_AGE_SECONDS;
  const expiresAt = ingestedAt + maxAgeSeconds * 1000;
  return invokeDestination({ kernel, principal: rolePrincipal(delivery), target, input, expiresAt }, place);
};

const toLogGroup: SendToTarget = async ({ kernel, target, event, input, ...sender }, place) => {
  await kernel.call(rulePrincipal(sender), place, 'logs', 'PutLogEvents', {
    logGroupName: parseTargetArn(target.Arn)
      .resource.replace(/^log-group:/, '')
      .replace(/:\*$/, ''),
    logStreamName: event.id,
    logEvents: [{ timestamp: kernel.clock.now(), message: input }],
  });
  return undefined;
};

/** Returns EventBridge as it calls for a rule: the target's resource policy must allow it. */
export const rulePrincipal = ({ rule, ruleAccount }: { rule: string; ruleAccount: string }): Principal => ({
  kind: 'service',
  service: 'events.amazonaws.com',
  account: ruleAccount,
  source: rule,
});

function rolePrincipal({ kernel, rule, target }: TargetDelivery): Principal {
  if (!target.RoleArn) throw new AwsError('ValidationException', `RoleArn is required for target ${target.Arn}.`);
  try {
    return kernel.assumeForService(
      'events.amazonaws.com',
      target.RoleArn,
      targetIdentity(rule, target).replaceAll('-', ''),
      rule,
    );
  } catch (error) {
    if (error instanceof AwsError) throw new AwsError('AssumeRoleFailed', error.message, 403);
    throw error;
  }
}

/** Returns the 36 characters that AWS appends to an execution's name. */
export function targetIdentity(rule: string, target: Target): string {
  const hash = createHash('sha256').update(`${rule} ${target.Id}`).digest('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-');
}

function parseTargetArn(arn: string | undefined): AwsPlace & { service: string; resource: string } {
  const [prefix, partition, service, region, account, ...resource] = (arn ?? '').split(':');
  if (prefix !== 'arn' || !service || resource.length === 0)
    throw new AwsError(
      'ValidationException',
      `Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`,
    );
  return { partition: partition!, service, region: region!, account: account!, resource: resource.join(':') };
}
