/**
 * Delivery of one event to one target: retried with backoff, then dead-lettered.
 * Sources: "How EventBridge retries delivering events" and "Using dead-letter queues", EventBridge user guide.
 */
import type { DeadLetterConfig, RetryPolicy } from '@aws-sdk/client-eventbridge';
import { AwsError, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { parseQueueArn, queueUrl } from '../sqs/state.ts';
import { DeliveryError } from './delivery-error.ts';
import { recordDelivery } from './delivery-log.ts';

export type DeliveryRequest = {
  readonly eventId: string;
  /** The event as JSON. A dead-letter queue receives it whatever the target's input is. */
  readonly original: string;
  readonly rule: string;
  readonly target: string;
  readonly retry?: RetryPolicy | undefined;
  readonly deadLetter?: DeadLetterConfig | undefined;
  readonly deadLetterAs: () => Principal;
  readonly send: () => Promise<string | undefined>;
};

export const DEFAULT_MAX_AGE_SECONDS = 86_400;
const DEFAULT_MAX_RETRIES = 185;
/** The longest wait between attempts. AWS publishes none: with 15 minutes, 185 retries take the default 24 hours. */
const MAX_BACKOFF_MS = 15 * 60_000;

export function deliverEvent(kernel: Kernel, request: DeliveryRequest): void {
  attempt(kernel, request, 0, kernel.clock.now());
}

function attempt(kernel: Kernel, request: DeliveryRequest, retries: number, startedAt: number): void {
  const { eventId, rule, target } = request;
  kernel.background(`delivery of ${eventId} to ${target}`, async () => {
    try {
      recordDelivery(kernel, { eventId, rule, target, outcome: 'delivered', result: await request.send() });
    } catch (error) {
      await handleFailure(kernel, request, retries, startedAt, failureOf(error));
    }
  });
}

async function handleFailure(
  kernel: Kernel,
  request: DeliveryRequest,
  retries: number,
  startedAt: number,
  failure: DeliveryFailure,
): Promise<void> {
  const { eventId, rule, target } = request;
  const backoffMs = kernel.random() * Math.min(MAX_BACKOFF_MS, 1000 * 2 ** retries);
  const waitMs = Math.max(backoffMs, failure.retryAfterMs ?? 0);
  const exhausted = failure.retriable
    ? exhaustedCondition(request.retry, retries, kernel.clock.now() + waitMs - startedAt)
    : undefined;
  if (!failure.retriable || exhausted)
    return deadLetter(kernel, request, failure, exhausted ? { condition: exhausted, retries } : undefined);
  recordDelivery(kernel, {
    eventId,
    rule,
    target,
    outcome: 'retrying',
    error: { code: failure.code, message: failure.message },
  });
  kernel.clock.after(waitMs, () => attempt(kernel, request, retries + 1, startedAt));
}

function exhaustedCondition(retry: RetryPolicy | undefined, retries: number, ageMs: number): string | undefined {
  if (retries >= (retry?.MaximumRetryAttempts ?? DEFAULT_MAX_RETRIES)) return 'MaximumRetryAttempts';
  if (ageMs > (retry?.MaximumEventAgeInSeconds ?? DEFAULT_MAX_AGE_SECONDS) * 1000) return 'MaximumEventAgeInSeconds';
  return undefined;
}

async function deadLetter(
  kernel: Kernel,
  request: DeliveryRequest,
  failure: DeliveryFailure,
  exhausted: { condition: string; retries: number } | undefined,
): Promise<void> {
  const { eventId, rule, target } = request;
  const record = (outcome: 'dead-lettered' | 'dropped', message = failure.message) =>
    recordDelivery(kernel, { eventId, rule, target, outcome, error: { code: failure.code, message } });
  if (!request.deadLetter?.Arn) return record('dropped');
  const attributes = {
    RULE_ARN: rule,
    TARGET_ARN: target,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted.condition, RETRY_ATTEMPTS: String(exhausted.retries) }),
  };
  try {
    const queue = parseQueueArn(request.deadLetter.Arn);
    if (!queue) throw new AwsError('InvalidParameterValue', `Not the ARN of a queue: ${request.deadLetter.Arn}`);
    await kernel.call(request.deadLetterAs(), queue.place, 'sqs', 'SendMessage', {
      QueueUrl: queueUrl(kernel, queue),
      MessageBody: request.original,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    });
    record('dead-lettered');
  } catch (error) {
    const { message } = failureOf(error);
    record('dropped', `${failure.message}; its dead-letter queue did not take it: ${message}`);
  }
}

type DeliveryFailure = {
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean;
  readonly retryAfterMs?: number;
};

const ERROR_CODES: readonly [RegExp, string, retriable: boolean][] = [
  [/^AssumeRoleFailed$/, 'FAILED_TO_ASSUME_ROLE', false],
  [/AccessDenied|AuthorizationError|NotAuthorized|InvalidSecurity|UnauthorizedOperation/i, 'NO_PERMISSIONS', false],
  [/Throttl|TooManyRequests|LimitExceeded|RequestThrottled|SlowDown/i, 'THROTTLING', true],
  [/NotFound|DoesNotExist|NonExistentQueue/i, 'NO_RESOURCE', false],
  [/AlreadyExists/, 'RESOURCE_ALREADY_EXISTS', false],
  [/InvalidExecutionInput|InvalidRequestContent|InvalidJson/i, 'INVALID_JSON', false],
  [/Invalid|Validation|MissingParameter/, 'INVALID_PARAMETER', false],
];

function failureOf(error: unknown): DeliveryFailure {
  // A call that the sandbox does not model must not look like a failing target.
  if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
  if (error instanceof DeliveryError) {
    const { code, message, isRetriable, retryAfterMs } = error;
    return { code, message, retriable: isRetriable, retryAfterMs };
  }
  const known = ERROR_CODES.find(([pattern]) => pattern.test(error.code));
  if (known) return { code: known[1], message: error.message, retriable: known[2] };
  const retriable = error.status >= 500 || error.status === 429;
  return { code: retriable ? 'ERROR_FROM_TARGET' : 'SDK_CLIENT_ERROR', message: error.message, retriable };
}
