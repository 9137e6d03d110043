/**
 * How a rule hands an event to each kind of target, and as whom.
 * Source: "Amazon EventBridge targets" and "Permissions for Amazon EventBridge", EventBridge user guide.
 */
import { createHash } from 'node:crypto';
import type { Target } from '@aws-sdk/client-eventbridge';
import { parsePolicy } from '../../authorization/policy.ts';
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { parseQueueArn, urlOf } from '../sqs/state.ts';
import { eventBridgeState } from './access.ts';
import { publish } from './bus.ts';
import type { BusEvent } from './event.ts';

type Handover = {
  readonly kernel: Kernel;
  readonly rule: string;
  readonly ruleAccount: string;
  readonly target: Target;
  readonly event: BusEvent;
  readonly input: string;
};
type Send = (handover: Handover, place: AwsPlace) => Promise<string | undefined>;

/** Hands the event to the target. Answers the execution's ARN where the target is a state machine. */
export const sendToTarget = (handover: Handover): Promise<string | undefined> => {
  const { partition, region, account } = partsOf(handover.target.Arn);
  return senderFor(handover.target.Arn)(handover, { partition, region, account });
};

/** Refuses targets that the sandbox does not know, and state machines without a role. */
export function checkTarget(target: Target): void {
  const send = senderFor(target.Arn);
  if (send === toStateMachine && !target.RoleArn)
    throw new AwsError('ValidationException', `RoleArn is required for target ${target.Arn}.`);
}

function senderFor(arn: string | undefined): Send {
  const { service, resource } = partsOf(arn);
  if (service === 'states' && resource.startsWith('stateMachine:')) return toStateMachine;
  if (service === 'lambda') return toFunction;
  if (service === 'sqs') return toQueue;
  if (service === 'sns') return toTopic;
  if (service === 'events' && resource.startsWith('event-bus/')) return toBus;
  if (service === 'logs') return toLogGroup;
  throw notModelled(`EventBridge targets like ${arn}`);
}

const toStateMachine: Send = async (handover, place) => {
  const { kernel, target, event, input, rule } = handover;
  const { executionArn } = await kernel.call<object, { executionArn: string }>(
    roleOf(handover),
    place,
    'sfn',
    'StartExecution',
    {
      stateMachineArn: target.Arn,
      input,
      name: `${event.id}_${identityOf(rule, target)}`,
    },
  );
  return executionArn;
};

const toFunction: Send = async ({ kernel, target, input, ...by }, place) => {
  await kernel.call(serviceOf(by), place, 'lambda', 'Invoke', {
    FunctionName: target.Arn,
    InvocationType: 'Event',
    Payload: new TextEncoder().encode(input),
  });
  return undefined;
};

const toQueue: Send = async ({ kernel, target, input, ...by }) => {
  const queue = parseQueueArn(target.Arn!);
  if (!queue) throw new AwsError('InvalidParameterValue', `Not the ARN of a queue: ${target.Arn}`);
  await kernel.call(serviceOf(by), queue.place, 'sqs', 'SendMessage', {
    QueueUrl: urlOf(kernel, queue),
    MessageBody: input,
    MessageGroupId: target.SqsParameters?.MessageGroupId,
  });
  return undefined;
};

const toTopic: Send = async ({ kernel, target, input, ...by }, place) => {
  await kernel.call(serviceOf(by), place, 'sns', 'Publish', { TopicArn: target.Arn, Message: input });
  return undefined;
};

/** Another bus gets the event as it is, with its account, source and time; the policy of that bus decides. */
const toBus: Send = async (handover, place) => {
  const { kernel, target, event } = handover;
  const name = partsOf(target.Arn).resource.slice('event-bus/'.length);
  const bus = eventBridgeState(kernel, place).buses.get(name);
  if (!bus) throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  const principal = target.RoleArn ? roleOf(handover) : serviceOf(handover);
  kernel.authorize(
    principal,
    place,
    {
      action: 'events:PutEvents',
      resource: bus.arn,
      ...(bus.policy && { resourcePolicy: parsePolicy(bus.policy, 'resource') }),
    },
    'eventbridge',
  );
  publish(kernel, place, name, event);
  return undefined;
};

const toLogGroup: Send = async ({ kernel, target, event, input, ...by }, place) => {
  await kernel.call(serviceOf(by), place, 'logs', 'PutLogEvents', {
    logGroupName: partsOf(target.Arn)
      .resource.replace(/^log-group:/, '')
      .replace(/:\*$/, ''),
    logStreamName: event.id,
    logEvents: [{ timestamp: kernel.clock.now(), message: input }],
  });
  return undefined;
};

/** EventBridge itself, on behalf of the rule: the target's own policy decides. */
export const serviceOf = ({ rule, ruleAccount }: { rule: string; ruleAccount: string }): Principal => ({
  kind: 'service',
  service: 'events.amazonaws.com',
  account: ruleAccount,
  source: rule,
});

function roleOf({ kernel, rule, target }: Handover): Principal {
  if (!target.RoleArn) throw new AwsError('ValidationException', `RoleArn is required for target ${target.Arn}.`);
  try {
    return kernel.assumeForService(
      'events.amazonaws.com',
      target.RoleArn,
      identityOf(rule, target).replaceAll('-', ''),
      rule,
    );
  } catch (error) {
    if (error instanceof AwsError) throw new AwsError('AssumeRoleFailed', error.message, 403);
    throw error;
  }
}

/** 36 characters that stand for a rule's target, as AWS appends them to an execution's name. */
export function identityOf(rule: string, target: Target): string {
  const hash = createHash('sha256').update(`${rule} ${target.Id}`).digest('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-');
}

function partsOf(arn: string | undefined): AwsPlace & { service: string; resource: string } {
  const [prefix, partition, service, region, account, ...resource] = (arn ?? '').split(':');
  if (prefix !== 'arn' || !service || resource.length === 0)
    throw new AwsError(
      'ValidationException',
      `Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`,
    );
  return { partition: partition!, service, region: region!, account: account!, resource: resource.join(':') };
}
