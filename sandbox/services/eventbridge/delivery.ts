/**
 * Delivery of one event to one target: retried with backoff, then dead-lettered.
 * Sources: "How EventBridge retries delivering events" and "Using dead-letter queues", EventBridge user guide.
 */
import type { DeadLetterConfig, RetryPolicy } from '@aws-sdk/client-eventbridge';
import { AwsError, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { parseQueueArn, urlOf } from '../sqs/state.ts';
import { recordDelivery } from './log.ts';

export type Job = {
  readonly eventId: string;
  /** The event as JSON, which is what a dead-letter queue gets, whatever the target would have got. */
  readonly original: string;
  readonly rule: string;
  readonly target: string;
  readonly retry?: RetryPolicy | undefined;
  readonly deadLetter?: DeadLetterConfig | undefined;
  /** Who puts failed events on the dead-letter queue. */
  readonly deadLetterAs: () => Principal;
  /** Hands the event over; answers an ARN worth showing. */
  readonly send: () => Promise<string | undefined>;
};

const defaultMaxAgeSeconds = 86_400;
const defaultMaxAttempts = 185;
/** Longest wait between attempts. AWS publishes none: with this one, 185 attempts take the default 24 hours. */
const maxBackoffMs = 15 * 60_000;

/** Starts the delivery in the background. */
export function deliver(kernel: Kernel, job: Job): void {
  attempt(kernel, job, 0, kernel.clock.now());
}

function attempt(kernel: Kernel, job: Job, retries: number, since: number): void {
  const { eventId, rule, target } = job;
  kernel.background(`delivery of ${eventId} to ${target}`, async () => {
    try {
      recordDelivery(kernel, { eventId, rule, target, outcome: 'delivered', result: await job.send() });
    } catch (error) {
      await failed(kernel, job, retries, since, asFailure(error));
    }
  });
}

async function failed(kernel: Kernel, job: Job, retries: number, since: number, failure: Failure): Promise<void> {
  const { eventId, rule, target } = job;
  const wait = kernel.random() * Math.min(maxBackoffMs, 1000 * 2 ** retries);
  const exhausted = failure.retriable ? exhaustedBy(job.retry, retries, kernel.clock.now() + wait - since) : undefined;
  if (!failure.retriable || exhausted)
    return giveUp(kernel, job, failure, exhausted ? { condition: exhausted, retries } : undefined);
  recordDelivery(kernel, {
    eventId,
    rule,
    target,
    outcome: 'retrying',
    error: { code: failure.code, message: failure.message },
  });
  kernel.clock.after(wait, () => attempt(kernel, job, retries + 1, since));
}

function exhaustedBy(retry: RetryPolicy | undefined, retries: number, ageMs: number): string | undefined {
  if (retries >= (retry?.MaximumRetryAttempts ?? defaultMaxAttempts)) return 'MaximumRetryAttempts';
  if (ageMs > (retry?.MaximumEventAgeInSeconds ?? defaultMaxAgeSeconds) * 1000) return 'MaximumEventAgeInSeconds';
  return undefined;
}

async function giveUp(
  kernel: Kernel,
  job: Job,
  failure: Failure,
  exhausted: { condition: string; retries: number } | undefined,
): Promise<void> {
  const { eventId, rule, target } = job;
  const record = (outcome: 'dead-lettered' | 'dropped', message = failure.message) =>
    recordDelivery(kernel, { eventId, rule, target, outcome, error: { code: failure.code, message } });
  if (!job.deadLetter?.Arn) return record('dropped');
  const attributes = {
    RULE_ARN: rule,
    TARGET_ARN: target,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted.condition, RETRY_ATTEMPTS: String(exhausted.retries) }),
  };
  try {
    const queue = parseQueueArn(job.deadLetter.Arn);
    if (!queue) throw new AwsError('InvalidParameterValue', `Not the ARN of a queue: ${job.deadLetter.Arn}`);
    await kernel.call(job.deadLetterAs(), queue.place, 'sqs', 'SendMessage', {
      QueueUrl: urlOf(kernel, queue),
      MessageBody: job.original,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    });
    record('dead-lettered');
  } catch (error) {
    const { message } = asFailure(error);
    record('dropped', `${failure.message}; its dead-letter queue did not take it: ${message}`);
  }
}

type Failure = { readonly code: string; readonly message: string; readonly retriable: boolean };

/** The documented error codes of dead-lettered events, by what the target answered. */
const codes: readonly [RegExp, string, retriable: boolean][] = [
  [/^AssumeRoleFailed$/, 'FAILED_TO_ASSUME_ROLE', false],
  [/AccessDenied|AuthorizationError|NotAuthorized|InvalidSecurity|UnauthorizedOperation/i, 'NO_PERMISSIONS', false],
  [/Throttl|TooManyRequests|LimitExceeded|RequestThrottled|SlowDown/i, 'THROTTLING', true],
  [/NotFound|DoesNotExist|NonExistentQueue/i, 'NO_RESOURCE', false],
  [/AlreadyExists/, 'RESOURCE_ALREADY_EXISTS', false],
  [/InvalidExecutionInput|InvalidRequestContent|InvalidJson/i, 'INVALID_JSON', false],
  [/Invalid|Validation|MissingParameter/, 'INVALID_PARAMETER', false],
];

function asFailure(error: unknown): Failure {
  // What the sandbox does not model must not look like a target that fails.
  if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
  const [, code, retriable] = codes.find(([pattern]) => pattern.test(error.code)) ?? [];
  if (code !== undefined) return { code, message: error.message, retriable: retriable! };
  const retries = error.status >= 500 || error.status === 429;
  return { code: retries ? 'ERROR_FROM_TARGET' : 'SDK_CLIENT_ERROR', message: error.message, retriable: retries };
}
