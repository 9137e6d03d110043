/** Schedules call their targets with the schedule's role. */
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import { deliverEvent } from '../eventbridge/delivery.ts';
import { notModelled } from '../requests.ts';
import { parseQueueArn, queueUrl } from '../sqs/state.ts';

export type ScheduleTarget = {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string | undefined;
  readonly RetryPolicy?: {
    MaximumEventAgeInSeconds?: number | undefined;
    MaximumRetryAttempts?: number | undefined;
  };
  readonly DeadLetterConfig?: { Arn: string };
  readonly SqsParameters?: { MessageGroupId: string };
};
type TargetCall = { readonly service: string; readonly operation: string; readonly input: object };

const UNIVERSAL_TARGET = /^arn:[\w-]+:scheduler:::aws-sdk:(\w+):(\w+)$/;

export const scheduleArn = ({ partition, region, account }: AwsPlace, name: string): string =>
  `arn:${partition}:scheduler:${region}:${account}:schedule/default/${name}`;

/** @throws AwsError NotModelled, ValidationException if the input of a universal target is not JSON */
export function checkScheduleTarget(kernel: Kernel, target: ScheduleTarget): void {
  callFor(kernel, target);
}

export function invokeScheduleTarget(kernel: Kernel, place: AwsPlace, arn: string, target: ScheduleTarget): void {
  const assumeRole = () =>
    kernel.assumeForService('scheduler.amazonaws.com', target.RoleArn, kernel.uuid().replaceAll('-', ''), arn);
  deliverEvent(kernel, {
    eventId: kernel.uuid(),
    original: target.Input ?? '{}',
    rule: arn,
    target: target.Arn,
    retry: target.RetryPolicy,
    deadLetter: target.DeadLetterConfig,
    deadLetterAs: assumeRole,
    send: async () => {
      const { service, operation, input } = callFor(kernel, target);
      const output = await kernel.call<object, { executionArn?: string }>(
        assumeRole(),
        place,
        service,
        operation,
        input,
      );
      return output.executionArn;
    },
  });
}

/** A templated target is named by its ARN, a universal one by service and operation. */
function callFor(kernel: Kernel, target: ScheduleTarget): TargetCall {
  const { Arn: arn, Input: text = '{}' } = target;
  const universal = UNIVERSAL_TARGET.exec(arn);
  if (universal) return universalCall(universal[1]!, universal[2]!, parseInput(text));
  const service = arn.split(':')[2];
  if (service === 'lambda') {
    const Payload = new TextEncoder().encode(text);
    return { service, operation: 'Invoke', input: { FunctionName: arn, InvocationType: 'Event', Payload } };
  }
  if (service === 'states')
    return { service: 'sfn', operation: 'StartExecution', input: { stateMachineArn: arn, input: text } };
  if (service === 'sns') return { service, operation: 'Publish', input: { TopicArn: arn, Message: text } };
  const queue = parseQueueArn(arn);
  if (!queue) throw notModelled(`schedule targets like ${arn}`);
  const { MessageGroupId } = target.SqsParameters ?? {};
  const input = { QueueUrl: queueUrl(kernel, queue), MessageBody: text, MessageGroupId };
  return { service: 'sqs', operation: 'SendMessage', input };
}

/** Members begin with a capital letter; those of Step Functions' API do not. */
const universalCall = (service: string, operation: string, input: Record<string, unknown>): TargetCall => ({
  service,
  operation: operation[0]!.toUpperCase() + operation.slice(1),
  input: service === 'sfn' ? withLowerCaseMembers(input) : input,
});

const withLowerCaseMembers = (input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(input).map(([key, value]) => [key[0]!.toLowerCase() + key.slice(1), value]));

function parseInput(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('ValidationException', `The target's input is not JSON: ${text}`);
  }
}
