/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import type { InvokeCommandInput, InvokeCommandOutput } from '@aws-sdk/client-lambda';
import { AwsError, type Kernel, type Need } from '../../kernel/kernel.ts';
import type { InvocationOutcome } from '../../runtime/running-invocation.ts';
import { notModelled, onlyMembers } from '../requests.ts';
import { invokeAsynchronously } from './asynchronous.ts';
import { type FunctionReference, lookUpFunction, parseFunctionName, resolveFunction } from './function-reference.ts';
import { runInvocation } from './run-invocation.ts';
import type { LambdaAt } from './state.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_PAYLOAD_BYTES = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 } as const;

/** Returns the need on a function. Only the policy of this qualifier counts: an alias's does not cover the function. */
export const functionNeed = (
  kernel: Kernel,
  reference: FunctionReference,
  action: string,
  context?: Need['context'],
): Need => {
  const statements = lookUpFunction(kernel, reference)?.policies.get(reference.qualifier ?? '');
  return {
    action,
    resource: reference.arn,
    ...(statements && { resourcePolicy: { Version: '2012-10-17', Id: 'default', Statement: statements } }),
    ...(context && { context }),
  };
};

export const invoke = async (
  input: InvokeCommandInput,
  at: LambdaAt,
): Promise<Omit<InvokeCommandOutput, '$metadata'>> => {
  onlyMembers('Invoke', input, ['FunctionName', 'InvocationType', 'LogType', 'Payload', 'Qualifier']);
  if (input.LogType === 'Tail') throw new AwsError('NotModelled', 'The sandbox does not model LogType Tail.', 501);
  const target = resolveFunction(at.kernel, parseFunctionName(at, input.FunctionName, input.Qualifier));
  const type = input.InvocationType ?? 'RequestResponse';
  if (target.configuration.directory === '') throw notModelled('running a function that no template deployed');
  const event = parseEvent(input.Payload, type);
  if (type === 'DryRun') return { StatusCode: 204 };
  const run = { event, requestId: at.requestId, caller: at.principal };
  if (type === 'Event') {
    invokeAsynchronously(at.kernel, target, { event, requestId: at.requestId });
    return { StatusCode: 202 };
  }
  const wait = () => runInvocation(at.kernel, target, run);
  const outcome = await (at.whileWaiting ? at.whileWaiting(wait) : wait());
  return { StatusCode: 200, ExecutedVersion: target.configuration.version, ...responseOf(outcome) };
};

const parseEvent = (payload: InvokeCommandInput['Payload'], type: keyof typeof MAX_PAYLOAD_BYTES): string => {
  const bytes = Buffer.from((payload as Uint8Array | undefined) ?? '');
  if (bytes.length > MAX_PAYLOAD_BYTES[type])
    throw new AwsError(
      'RequestTooLargeException',
      `${bytes.length} byte payload is too large for the ${type} invocation type (limit ${MAX_PAYLOAD_BYTES[type]} bytes)`,
      413,
      { Type: 'User' },
    );
  const text = bytes.length === 0 ? '{}' : bytes.toString('utf8');
  try {
    JSON.parse(text);
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: Could not parse payload into json: ${(error as Error).message}`,
      400,
      { Type: 'User' },
    );
  }
  return text;
};

const responseOf = (outcome: InvocationOutcome): Omit<InvokeCommandOutput, '$metadata'> =>
  outcome.kind === 'done'
    ? { Payload: bytesOf(outcome.payload) }
    : { FunctionError: 'Unhandled', Payload: bytesOf(JSON.stringify(outcome.error)) };

const bytesOf = (text: string) => Buffer.from(text) as unknown as InvokeCommandOutput['Payload'];
