import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import { bindPolicyText } from '../iam/bound-policy.ts';
import type { PrincipalNames } from '../iam/state.ts';
import { parseQueueArn, type Queue, type SqsState } from './state.ts';

/** Ranges and defaults of SetQueueAttributes (SQS API reference), in bytes and seconds. */
const NUMBERS: Readonly<Record<string, { min: number; max: number; default: number }>> = {
  DelaySeconds: { min: 0, max: 900, default: 0 },
  MaximumMessageSize: { min: 1024, max: 1_048_576, default: 1_048_576 },
  MessageRetentionPeriod: { min: 60, max: 1_209_600, default: 345_600 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: 20, default: 0 },
  VisibilityTimeout: { min: 0, max: 43_200, default: 30 },
  KmsDataKeyReusePeriodSeconds: { min: 60, max: 86_400, default: 300 },
};
const BOOLEANS = new Set(['FifoQueue', 'ContentBasedDeduplication', 'SqsManagedSseEnabled']);
const DOCUMENTS = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy']);
const STRINGS = new Set(['KmsMasterKeyId']);

export const defaultAttributes = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(NUMBERS)
      .filter(([name]) => name !== 'KmsDataKeyReusePeriodSeconds')
      .map(([name, range]) => [name, String(range.default)]),
  );

export function applyAttributes(
  current: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  if (changes.KmsMasterKeyId && changes.SqsManagedSseEnabled === 'true')
    throw new AwsError(
      'InvalidAttributeName',
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    );
  const result = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    checkAttribute(name, value);
    if (value === '') delete result[name];
    else result[name] = value;
  }
  if (changes.KmsMasterKeyId) result.SqsManagedSseEnabled = 'false';
  else if (!result.KmsMasterKeyId && result.SqsManagedSseEnabled === undefined) result.SqsManagedSseEnabled = 'true';
  return result;
}

/** Stores the roles and users of a policy by their ids, as SQS does. Other attributes stay as they are. */
export function bindQueuePolicy<A extends Readonly<Record<string, string | undefined>>>(
  kernel: Kernel,
  attributes: A,
): { readonly attributes: A; readonly principals?: PrincipalNames | undefined } {
  if (!attributes.Policy) return { attributes };
  const invalid = () => invalidValue('Policy');
  const { text, names } = bindPolicyText(kernel, attributes.Policy, 'InvalidAttributeValue', invalid);
  return { attributes: { ...attributes, Policy: text }, principals: names };
}

/** A standard queue does not have the attributes of FIFO queues, whatever their value. */
export function checkStandardAttributes(attributes: Readonly<Record<string, string | undefined>>): void {
  for (const name of ['FifoQueue', 'ContentBasedDeduplication'])
    if (attributes[name] !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
}

function checkAttribute(name: string, value: string): void {
  const range = NUMBERS[name];
  if (!range && !BOOLEANS.has(name) && !DOCUMENTS.has(name) && !STRINGS.has(name))
    throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  if (value === '') return;
  const number = Number(value);
  if (range && !(Number.isInteger(number) && number >= range.min && number <= range.max)) throw invalidValue(name);
  if (BOOLEANS.has(name) && value !== 'true' && value !== 'false') throw invalidValue(name);
  if (DOCUMENTS.has(name)) parseDocument(name, value);
}

export type RedrivePolicy = { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };

/** The count may be a string. */
export function redrivePolicyOf(attributes: Readonly<Record<string, string>>): RedrivePolicy | undefined {
  if (!attributes.RedrivePolicy) return undefined;
  const policy = parseDocument('RedrivePolicy', attributes.RedrivePolicy);
  const maxReceiveCount = Number(policy.maxReceiveCount);
  const isComplete = typeof policy.deadLetterTargetArn === 'string' && maxReceiveCount >= 1 && maxReceiveCount <= 1000;
  if (!isComplete) throw invalidValue('RedrivePolicy');
  return { deadLetterTargetArn: policy.deadLetterTargetArn as string, maxReceiveCount };
}

/**
 * The dead-letter queue must exist in this account and Region and allow this source (RedriveAllowPolicy).
 * @throws AwsError InvalidParameterValue
 */
export function checkRedrive(
  state: SqsState,
  queue: { arn: string; attributes: Readonly<Record<string, string>> },
): void {
  const policy = redrivePolicyOf(queue.attributes);
  if (!policy) return;
  const refused = (reason: string) =>
    new AwsError(
      'InvalidParameterValue',
      `Value ${queue.attributes.RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
    );
  const target = parseQueueArn(policy.deadLetterTargetArn);
  if (!target) throw refused('Invalid value for deadLetterTargetArn.');
  const deadLetterQueue = state.queues.get(target.name);
  if (!deadLetterQueue || deadLetterQueue.arn !== policy.deadLetterTargetArn)
    throw refused('Dead letter target does not exist.');
  if (!allowsSource(deadLetterQueue, queue.arn))
    throw refused(`Queue ${queue.arn} is not allowed to use ${deadLetterQueue.arn} as a dead-letter queue.`);
}

function allowsSource(deadLetterQueue: Queue, source: string): boolean {
  if (!deadLetterQueue.attributes.RedriveAllowPolicy) return true;
  const policy = parseDocument('RedriveAllowPolicy', deadLetterQueue.attributes.RedriveAllowPolicy);
  if (policy.redrivePermission === 'byQueue')
    return (policy.sourceQueueArns as string[] | undefined)?.includes(source) ?? false;
  return policy.redrivePermission !== 'denyAll';
}

function parseDocument(name: string, value: string): Record<string, unknown> {
  try {
    const parsed = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {}
  throw invalidValue(name);
}

const invalidValue = (name: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
