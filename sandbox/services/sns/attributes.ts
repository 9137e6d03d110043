import { parsePolicy } from '../../authorization/policy.ts';
import { compilePattern } from '../../event-patterns/pattern.ts';
import { AwsError } from '../../kernel/kernel.ts';

const topicAttributes = new Set([
  'Policy',
  'KmsMasterKeyId',
  'DisplayName',
  'DeliveryPolicy',
  'SignatureVersion',
  'TracingConfig',
  'MaximumMessageSize',
]);
const subscriptionAttributes = new Set([
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'DeliveryPolicy',
]);
/** Characters of a filter policy: 256 KB ("Filter policy constraints", SNS developer guide). */
const maxFilterPolicy = 262_144;

export function checkTopicAttribute(name: string, value: string): void {
  if (!topicAttributes.has(name)) throw invalid(name);
  if (name === 'Policy' && value !== '') parsePolicy(value, 'resource', 'InvalidParameter');
  if (name === 'MaximumMessageSize' && !(Number(value) >= 1024 && Number(value) <= 1_048_576)) throw invalid(name);
}

export function checkSubscriptionAttribute(name: string, value: string, protocol: string): void {
  if (!subscriptionAttributes.has(name)) throw invalid(name);
  if (value === '') return;
  if (name === 'FilterPolicyScope' && value !== 'MessageAttributes' && value !== 'MessageBody') throw invalid(name);
  if (name === 'RawMessageDelivery' && !['sqs', 'http', 'https', 'firehose'].includes(protocol))
    throw new AwsError(
      'InvalidParameter',
      `Invalid parameter: Attributes Reason: RawMessageDelivery: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  if (name === 'FilterPolicy') checkFilter(value);
  if (name === 'RedrivePolicy' && typeof documentIn(value)?.deadLetterTargetArn !== 'string')
    throw new AwsError('InvalidParameter', 'Invalid parameter: RedrivePolicy: deadLetterTargetArn is required.');
}

export function documentIn(text: string): Record<string, unknown> | undefined {
  try {
    const parsed = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

export const compileFilter = (policy: string) => compilePattern(policy, { maxLength: maxFilterPolicy });

function checkFilter(policy: string): void {
  if (policy === '{}') return;
  try {
    compileFilter(policy);
  } catch (error) {
    const reason = (error as Error).message.replace('Event pattern is not valid. Reason: ', '');
    throw new AwsError('InvalidParameter', `Invalid parameter: FilterPolicy: ${reason}`);
  }
}

const invalid = (name: string): AwsError =>
  new AwsError('InvalidParameter', `Invalid parameter: AttributeName Reason: ${name}`);
