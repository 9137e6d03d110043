import { parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type AwsPlace, type Need } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import type { Queue, SqsAt } from './state.ts';

export function queueNeeds(at: SqsAt, queue: Queue, action: string, keyActions: readonly string[] = []): Need[] {
  const { Policy, KmsMasterKeyId } = queue.attributes;
  const need: Need = {
    action: `sqs:${action}`,
    resource: queue.arn,
    ...(Policy && { resourcePolicy: parseIamPolicy(Policy, 'resource', 'InvalidAttributeValue') }),
  };
  if (keyActions.length === 0) return [need];
  return [
    need,
    ...keyNeeds(at.kernel, queue.place, KmsMasterKeyId, [...keyActions], `sqs.${queue.place.region}.amazonaws.com`),
  ];
}

export const queueArn = (place: AwsPlace, name: string): string =>
  `arn:${place.partition}:sqs:${place.region}:${place.account}:${name}`;

export function checkQueueName(name: string | undefined, isFifo: boolean): asserts name is string {
  if (!name) throw new AwsError('MissingParameter', 'The request must contain the parameter QueueName.');
  if (!/^[\w-]{1,80}$|^[\w-]{1,75}\.fifo$/.test(name))
    throw new AwsError(
      'InvalidParameterValue',
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  if (isFifo !== name.endsWith('.fifo'))
    throw new AwsError(
      'InvalidParameterValue',
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    );
}
