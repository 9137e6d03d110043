/**
 * Amazon EventBridge Scheduler, as far as templates make schedules: its state is kept with EventBridge's.
 * Source: EventBridge Scheduler user guide ("Managing targets", "Dead-letter queue").
 */
import * as z from 'zod';
import {
  AwsError,
  type AwsPlace,
  type Kernel,
  type Need,
  type Principal,
  type ResourceType,
} from '../../kernel/kernel.ts';
import { deliver } from '../eventbridge/delivery.ts';
import { parseSchedule } from '../eventbridge/schedule.ts';
import type { EventBridgeState } from '../eventbridge/state.ts';
import { repeat } from '../eventbridge/timers.ts';
import { parseProperties, physicalName } from '../properties.ts';
import { notModelled } from '../requests.ts';
import { parseQueueArn, urlOf } from '../sqs/state.ts';

const amount = z.coerce.number().int();
const scheduleProperties = z.strictObject({
  Name: z.string().optional(),
  GroupName: z.literal('default').optional(),
  Description: z.string().optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.enum(['UTC', 'Etc/UTC']).optional(),
  State: z.enum(['ENABLED', 'DISABLED']).optional(),
  // A flexible window lets AWS fire at any moment within it; the sandbox takes the first.
  FlexibleTimeWindow: z.strictObject({ Mode: z.enum(['OFF', 'FLEXIBLE']), MaximumWindowInMinutes: amount.optional() }),
  KmsKeyArn: z.string().optional(),
  Target: z.strictObject({
    Arn: z.string(),
    RoleArn: z.string(),
    Input: z.string().optional(),
    RetryPolicy: z
      .strictObject({ MaximumEventAgeInSeconds: amount.optional(), MaximumRetryAttempts: amount.optional() })
      .optional(),
    DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
    SqsParameters: z.strictObject({ MessageGroupId: z.string() }).optional(),
  }),
});
type Target = z.infer<typeof scheduleProperties>['Target'];

export const schedulerResources: Record<string, ResourceType<EventBridgeState>> = {
  'AWS::Scheduler::Schedule': {
    create: (properties, at, resource) => {
      const schedule = parseProperties('AWS::Scheduler::Schedule', scheduleProperties, properties, resource);
      const name = schedule.Name ?? physicalName(at.kernel, resource, '', 64);
      put(at, at.principal, at.kernel, name, schedule, at.state);
      return { ref: name, attributes: { Arn: arnOf(at, name) } };
    },
    update: (made, properties, at, resource) => {
      const schedule = parseProperties('AWS::Scheduler::Schedule', scheduleProperties, properties, resource);
      put(at, at.principal, at.kernel, made.ref, schedule, at.state);
      return made;
    },
    remove: (made, at) => {
      at.state.schedules.delete(made.ref);
      repeat(at.kernel, arnOf(at, made.ref), undefined, () => {});
    },
  },
};

function put(
  { partition, account, region }: AwsPlace,
  principal: Principal,
  kernel: Kernel,
  name: string,
  schedule: z.infer<typeof scheduleProperties>,
  state: EventBridgeState,
): void {
  const place = { partition, account, region };
  const arn = arnOf(place, name);
  const { RoleArn, Arn } = schedule.Target;
  const needs: Need[] = [
    { action: 'scheduler:CreateSchedule', resource: arn },
    { action: 'iam:PassRole', resource: RoleArn, context: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
  ];
  for (const need of needs) kernel.authorize(principal, place, need, 'scheduler');
  callFor(kernel, schedule.Target, Arn);
  state.schedules.set(name, schedule);
  const times = schedule.State === 'DISABLED' ? undefined : parseSchedule(schedule.ScheduleExpression);
  repeat(kernel, arn, times, () => fire(kernel, place, arn, schedule.Target));
}

function fire(kernel: Kernel, place: AwsPlace, arn: string, target: Target): void {
  const role = () =>
    kernel.assumeForService('scheduler.amazonaws.com', target.RoleArn, kernel.uuid().replaceAll('-', ''), arn);
  deliver(kernel, {
    eventId: kernel.uuid(),
    original: target.Input ?? '{}',
    rule: arn,
    target: target.Arn,
    retry: target.RetryPolicy,
    deadLetter: target.DeadLetterConfig,
    deadLetterAs: role,
    send: async () => {
      const { service, operation, input } = callFor(kernel, target, target.Arn);
      const answer = await kernel.call<object, { executionArn?: string }>(role(), place, service, operation, input);
      return answer.executionArn;
    },
  });
}

/** The call that a target stands for: a templated target by its ARN, a universal one by service and operation. */
function callFor(kernel: Kernel, target: Target, arn: string): { service: string; operation: string; input: object } {
  const text = target.Input ?? '{}';
  const universal = /^arn:[\w-]+:scheduler:::aws-sdk:(\w+):(\w+)$/.exec(arn);
  if (universal) {
    const [, service, operation] = universal as unknown as [string, string, string];
    return {
      service,
      operation: upper(operation),
      input: service === 'sfn' ? withLowerKeys(parse(text)) : parse(text),
    };
  }
  const service = arn.split(':')[2];
  if (service === 'lambda')
    return {
      service,
      operation: 'Invoke',
      input: { FunctionName: arn, InvocationType: 'Event', Payload: new TextEncoder().encode(text) },
    };
  if (service === 'states')
    return { service: 'sfn', operation: 'StartExecution', input: { stateMachineArn: arn, input: text } };
  if (service === 'sns') return { service, operation: 'Publish', input: { TopicArn: arn, Message: text } };
  const queue = parseQueueArn(arn);
  if (queue)
    return {
      service: 'sqs',
      operation: 'SendMessage',
      input: {
        QueueUrl: urlOf(kernel, queue),
        MessageBody: text,
        MessageGroupId: target.SqsParameters?.MessageGroupId,
      },
    };
  throw notModelled(`schedule targets like ${arn}`);
}

const arnOf = ({ partition, region, account }: AwsPlace, name: string): string =>
  `arn:${partition}:scheduler:${region}:${account}:schedule/default/${name}`;

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('ValidationException', `The target's input is not JSON: ${text}`);
  }
}

const upper = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

/** Universal targets write members with a capital; Step Functions' API has them in lower case. */
const withLowerKeys = (input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(input).map(([key, value]) => [key[0]!.toLowerCase() + key.slice(1), value]));
