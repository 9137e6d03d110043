import { parseIamPolicy } from '../../authorization/policy.ts';
import { compilePattern } from '../../event-patterns/pattern.ts';
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import { type BoundText, bindPolicyText } from '../iam/bound-policy.ts';

const TOPIC_ATTRIBUTES = new Set([
  'Policy',
  'KmsMasterKeyId',
  'DisplayName',
  'DeliveryPolicy',
  'SignatureVersion',
  'TracingConfig',
  'MaximumMessageSize',
]);
const SUBSCRIPTION_ATTRIBUTES = new Set([
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'DeliveryPolicy',
]);
/** 256 KB ("Filter policy constraints", SNS developer guide). */
const MAX_FILTER_POLICY_LENGTH = 262_144;

export function checkTopicAttribute(name: string, value: string): void {
  if (!TOPIC_ATTRIBUTES.has(name)) throw invalidAttributeName(name);
  if (name === 'Policy' && value !== '') parseIamPolicy(value, 'resource', 'InvalidParameter');
  if (name === 'MaximumMessageSize' && !(Number(value) >= 1024 && Number(value) <= 1_048_576))
    throw invalidAttributeName(name);
}

/** Stores the roles and users of a policy by their ids, as SNS does. */
export const bindTopicPolicy = (kernel: Kernel, policy: string): BoundText =>
  bindPolicyText(
    kernel,
    policy,
    'InvalidParameter',
    () => new AwsError('InvalidParameter', 'Invalid parameter: Policy Error: PrincipalNotFound'),
  );

export function checkSubscriptionAttribute(name: string, value: string, protocol: string): void {
  if (!SUBSCRIPTION_ATTRIBUTES.has(name)) throw invalidAttributeName(name);
  if (value === '') return;
  if (name === 'FilterPolicyScope' && value !== 'MessageAttributes' && value !== 'MessageBody')
    throw new AwsError(
      'InvalidParameter',
      `Invalid parameter: FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
    );
  if (name === 'RawMessageDelivery' && !['sqs', 'http', 'https', 'firehose'].includes(protocol))
    throw new AwsError(
      'InvalidParameter',
      `Invalid parameter: Attributes Reason: RawMessageDelivery: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  if (name === 'RawMessageDelivery' && value !== 'true' && value !== 'false')
    throw new AwsError(
      'InvalidParameter',
      `Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [${value}]. Must be true or false.`,
    );
  if (name === 'FilterPolicy') checkFilter(value);
  if (name === 'RedrivePolicy' && typeof parseJsonObject(value)?.deadLetterTargetArn !== 'string')
    throw new AwsError('InvalidParameter', 'Invalid parameter: RedrivePolicy: deadLetterTargetArn is required.');
}

export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

export const compileFilterPolicy = (policy: string) => compilePattern(policy, { maxLength: MAX_FILTER_POLICY_LENGTH });

function checkFilter(policy: string): void {
  if (policy === '{}') return;
  if (!parseJsonObject(policy))
    throw new AwsError('InvalidParameter', 'Invalid parameter: FilterPolicy: failed to parse JSON.');
  try {
    compileFilterPolicy(policy);
  } catch (error) {
    const reason = (error as Error).message.replace('Event pattern is not valid. Reason: ', '');
    throw new AwsError('InvalidParameter', `Invalid parameter: FilterPolicy: ${reason}`);
  }
}

const invalidAttributeName = (name: string): AwsError =>
  new AwsError('InvalidParameter', `Invalid parameter: AttributeName Reason: ${name}`);
