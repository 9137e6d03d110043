import { AwsError } from '../../kernel/kernel.ts';
import { parseQueueArn, type Queue, type SqsState } from './state.ts';

/** Ranges and defaults of SetQueueAttributes (SQS API reference); sizes in bytes, times in seconds. */
const numbers: Readonly<Record<string, { min: number; max: number; default: number }>> = {
  DelaySeconds: { min: 0, max: 900, default: 0 },
  MaximumMessageSize: { min: 1024, max: 1_048_576, default: 1_048_576 },
  MessageRetentionPeriod: { min: 60, max: 1_209_600, default: 345_600 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: 20, default: 0 },
  VisibilityTimeout: { min: 0, max: 43_200, default: 30 },
  KmsDataKeyReusePeriodSeconds: { min: 60, max: 86_400, default: 300 },
};
const booleans = new Set(['FifoQueue', 'ContentBasedDeduplication', 'SqsManagedSseEnabled']);
const documents = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy']);
const strings = new Set(['KmsMasterKeyId']);

export const defaultAttributes = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(numbers)
      .filter(([name]) => name !== 'KmsDataKeyReusePeriodSeconds')
      .map(([name, range]) => [name, String(range.default)]),
  );

/** The queue's attributes with `changes` applied; an empty value takes one away. */
export function changedAttributes(
  current: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const result = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    check(name, value);
    if (value === '') delete result[name];
    else result[name] = value;
  }
  if (changes.KmsMasterKeyId) result.SqsManagedSseEnabled = 'false';
  else if (!result.KmsMasterKeyId && result.SqsManagedSseEnabled === undefined) result.SqsManagedSseEnabled = 'true';
  return result;
}

function check(name: string, value: string): void {
  const range = numbers[name];
  if (!range && !booleans.has(name) && !documents.has(name) && !strings.has(name))
    throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  if (value === '') return;
  const number = Number(value);
  if (range && !(Number.isInteger(number) && number >= range.min && number <= range.max)) throw invalidValue(name);
  if (booleans.has(name) && value !== 'true' && value !== 'false') throw invalidValue(name);
  if (documents.has(name)) parseDocument(name, value);
}

export type RedrivePolicy = { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };

/** The queue's redrive policy, where it has one. Counts may be written as strings. */
export function redrivePolicyOf(attributes: Readonly<Record<string, string>>): RedrivePolicy | undefined {
  if (!attributes.RedrivePolicy) return undefined;
  const policy = parseDocument('RedrivePolicy', attributes.RedrivePolicy);
  const maxReceiveCount = Number(policy.maxReceiveCount);
  const isComplete = typeof policy.deadLetterTargetArn === 'string' && maxReceiveCount >= 1 && maxReceiveCount <= 1000;
  if (!isComplete) throw invalidValue('RedrivePolicy');
  return { deadLetterTargetArn: policy.deadLetterTargetArn as string, maxReceiveCount };
}

/** Refuses a dead-letter queue that is missing, elsewhere, or does not allow this source (RedriveAllowPolicy). */
export function checkRedrive(
  state: SqsState,
  queue: { arn: string; attributes: Readonly<Record<string, string>> },
): void {
  const policy = redrivePolicyOf(queue.attributes);
  if (!policy) return;
  const target = parseQueueArn(policy.deadLetterTargetArn);
  const deadLetterQueue = target && state.queues.get(target.name);
  if (!deadLetterQueue || deadLetterQueue.arn !== policy.deadLetterTargetArn)
    throw new AwsError(
      'InvalidParameterValue',
      `Value ${queue.attributes.RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
    );
  if (!allowsSource(deadLetterQueue, queue.arn))
    throw new AwsError(
      'InvalidParameterValue',
      `Value ${queue.attributes.RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: Queue ${queue.arn} is not allowed to use ${deadLetterQueue.arn} as a dead-letter queue.`,
    );
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
  } catch {
    // Falls through to the same answer as a document that is no object.
  }
  throw invalidValue(name);
}

const invalidValue = (name: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
