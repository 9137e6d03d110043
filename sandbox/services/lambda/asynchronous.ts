/**
 * Asynchronous invocations: retries, and the record that goes to a destination.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import type { InvocationOutcome } from '../../runtime/running-invocation.ts';
import { sendRecord } from './destination.ts';
import type { ResolvedFunction } from './function-reference.ts';
import { type InvocationRequest, runInvocation } from './run-invocation.ts';

/** Before the second and the third attempt, after a function's error. */
const RETRY_PAUSES_SECONDS = [60, 120];
const DEFAULT_MAX_AGE_SECONDS = 6 * 3600;
const LONGEST_THROTTLE_PAUSE_SECONDS = 300;

/** Runs in the background until the function succeeds, its retries are used up or the event is too old. */
export const invokeAsynchronously = (kernel: Kernel, target: ResolvedFunction, request: InvocationRequest): void =>
  kernel.background(`asynchronous invocation of ${target.reference.arn}`, () =>
    invokeWithRetries(kernel, target, request),
  );

const invokeWithRetries = async (
  kernel: Kernel,
  target: ResolvedFunction,
  request: InvocationRequest,
): Promise<void> => {
  const config = target.fn.eventInvoke.get(target.reference.qualifier ?? '$LATEST') ?? {};
  const { retries = 2, maxAgeSeconds = DEFAULT_MAX_AGE_SECONDS } = config;
  const expiresAtMs = kernel.clock.now() + maxAgeSeconds * 1000;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await runWhenNotThrottled(kernel, target, request, expiresAtMs);
    if (outcome?.kind === 'done') {
      if (config.onSuccess)
        await sendRecord(
          kernel,
          target,
          config.onSuccess,
          destinationRecord(kernel, target, request, outcome, 'Success', attempt),
        );
      return;
    }
    const pauseMs = (RETRY_PAUSES_SECONDS[attempt - 1] ?? 0) * 1000;
    const tooOld = outcome === undefined || kernel.clock.now() + pauseMs > expiresAtMs;
    if (!tooOld && attempt <= retries) {
      await kernel.clock.sleep(pauseMs);
      continue;
    }
    const condition = tooOld ? 'EventAgeExceeded' : 'RetriesExhausted';
    const { deadLetterArn } = target.configuration;
    if (config.onFailure)
      await sendRecord(
        kernel,
        target,
        config.onFailure,
        destinationRecord(kernel, target, request, outcome, condition, attempt),
      );
    if (deadLetterArn) await sendRecord(kernel, target, deadLetterArn, request.event);
    return;
  }
};

/**
 * Retries throttles 1 s to 5 min apart, without counting them as attempts.
 * @returns undefined if the event has become too old meanwhile
 */
const runWhenNotThrottled = async (
  kernel: Kernel,
  target: ResolvedFunction,
  request: InvocationRequest,
  expiresAtMs: number,
): Promise<InvocationOutcome | undefined> => {
  for (let seconds = 1; ; seconds = Math.min(seconds * 2, LONGEST_THROTTLE_PAUSE_SECONDS)) {
    try {
      return await runInvocation(kernel, target, request);
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'TooManyRequestsException') throw error;
      if (kernel.clock.now() + seconds * 1000 > expiresAtMs) return undefined;
      await kernel.clock.sleep(seconds * 1000);
    }
  }
};

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const destinationRecord = (
  kernel: Kernel,
  { reference, configuration }: ResolvedFunction,
  request: InvocationRequest,
  outcome: InvocationOutcome | undefined,
  condition: string,
  attempts: number,
): string => {
  const failed = outcome?.kind === 'failed';
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(kernel.clock.now()).toISOString(),
    requestContext: {
      requestId: request.requestId,
      functionArn: reference.qualifier ? reference.arn : `${reference.arn}:$LATEST`,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: JSON.parse(request.event),
    ...(outcome && {
      responseContext: {
        statusCode: 200,
        executedVersion: configuration.version,
        ...(failed && { functionError: 'Unhandled' }),
      },
      responsePayload: failed ? outcome.error : JSON.parse(outcome.payload),
    }),
  });
};
