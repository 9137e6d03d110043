/**
 * Asynchronous invocations: retries, and the record that goes to a destination.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import type { Outcome } from '../../runtime/instance.ts';
import { type Run, runTarget } from './run.ts';
import { roleSession, type Target } from './target.ts';

/** Seconds before the second and the third attempt after a function's error. */
const pauses = [60, 120];
const defaultMaxAgeSeconds = 6 * 3600;
const longestThrottlePauseSeconds = 300;

/** Invokes in the background until it succeeds, or retries or age are used up. */
export const invokeLater = (kernel: Kernel, target: Target, run: Run): void =>
  kernel.background(`asynchronous invocation of ${target.named.arn}`, () => invokeWithRetries(kernel, target, run));

const invokeWithRetries = async (kernel: Kernel, target: Target, run: Run): Promise<void> => {
  const config = target.lambda.eventInvoke.get(target.named.qualifier ?? '$LATEST') ?? {};
  const { retries = 2, maxAgeSeconds = defaultMaxAgeSeconds } = config;
  const expires = kernel.clock.now() + maxAgeSeconds * 1000;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await runUnthrottled(kernel, target, run, expires);
    if (outcome?.kind === 'done') {
      if (config.onSuccess)
        await send(kernel, target, config.onSuccess, record(kernel, target, run, outcome, 'Success', attempt));
      return;
    }
    const pause = (pauses[attempt - 1] ?? 0) * 1000;
    const tooOld = outcome === undefined || kernel.clock.now() + pause > expires;
    if (!tooOld && attempt <= retries) {
      await kernel.clock.sleep(pause);
      continue;
    }
    const condition = tooOld ? 'EventAgeExceeded' : 'RetriesExhausted';
    const { deadLetterArn } = target.configuration;
    if (config.onFailure)
      await send(kernel, target, config.onFailure, record(kernel, target, run, outcome, condition, attempt));
    if (deadLetterArn) await send(kernel, target, deadLetterArn, run.event);
    return;
  }
};

/** Throttles are waited out, 1 s to 5 min apart, and are no attempts; undefined when the event got too old meanwhile. */
const runUnthrottled = async (
  kernel: Kernel,
  target: Target,
  run: Run,
  expires: number,
): Promise<Outcome | undefined> => {
  for (let seconds = 1; ; seconds = Math.min(seconds * 2, longestThrottlePauseSeconds)) {
    try {
      return await runTarget(kernel, target, run);
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'TooManyRequestsException') throw error;
      if (kernel.clock.now() + seconds * 1000 > expires) return undefined;
      await kernel.clock.sleep(seconds * 1000);
    }
  }
};

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const record = (
  kernel: Kernel,
  { named, configuration }: Target,
  run: Run,
  outcome: Outcome | undefined,
  condition: string,
  attempts: number,
): string => {
  const failed = outcome?.kind === 'failed';
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(kernel.clock.now()).toISOString(),
    requestContext: {
      requestId: run.requestId,
      functionArn: named.qualifier ? named.arn : `${named.arn}:$LATEST`,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: JSON.parse(run.event),
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

/** Sends with the function's role, which needs the permission for it. */
const send = async (kernel: Kernel, target: Target, destination: string, text: string): Promise<void> => {
  const [, , service, region, account, ...rest] = destination.split(':');
  const place = { ...target.lambda.place, region: region!, account: account! };
  const role = roleSession(kernel, target);
  const call = (operation: string, input: object) => kernel.call(role, place, service!, operation, input);
  if (service === 'sqs') {
    await call('SendMessage', { QueueUrl: `${kernel.endpoint}/${account}/${rest[0]}`, MessageBody: text });
  } else if (service === 'sns') {
    await call('Publish', { TopicArn: destination, Message: text });
  } else if (service === 'lambda') {
    await call('Invoke', { FunctionName: destination, InvocationType: 'Event', Payload: Buffer.from(text) });
  } else {
    throw new AwsError('NotModelled', `The sandbox does not model the destination ${destination}.`, 501);
  }
};
