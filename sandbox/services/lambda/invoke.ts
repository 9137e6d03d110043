/** The Invoke operation. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import type { InvokeCommandInput, InvokeCommandOutput } from '@aws-sdk/client-lambda';
import { type At, AwsError, type Kernel, type Need } from '../../kernel/kernel.ts';
import type { Outcome } from '../../runtime/instance.ts';
import { onlyMembers } from '../requests.ts';
import { invokeLater } from './asynchronous.ts';
import { runTarget } from './run.ts';
import type { LambdaState } from './state.ts';
import { findTarget, lambdaOf, type Named, namedBy } from './target.ts';

/** Bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const largest = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 } as const;

/** The policy of exactly what is named counts: one on an alias does not cover the function, nor the other way round. */
export const needsOf = (kernel: Kernel, named: Named, action: string, context?: Need['context']): Need => {
  const statements = lambdaOf(kernel, named)?.policies.get(named.qualifier ?? '');
  return {
    action,
    resource: named.arn,
    ...(statements && { resourcePolicy: { Version: '2012-10-17', Id: 'default', Statement: statements } }),
    ...(context && { context }),
  };
};

export const invoke = async (
  input: InvokeCommandInput,
  at: At<LambdaState>,
): Promise<Omit<InvokeCommandOutput, '$metadata'>> => {
  onlyMembers('Invoke', input, ['FunctionName', 'InvocationType', 'LogType', 'Payload', 'Qualifier']);
  if (input.LogType === 'Tail') throw new AwsError('NotModelled', 'The sandbox does not model LogType Tail.', 501);
  const target = findTarget(at.kernel, namedBy(at, input.FunctionName, input.Qualifier));
  const type = input.InvocationType ?? 'RequestResponse';
  const event = eventOf(input.Payload, type);
  if (type === 'DryRun') return { StatusCode: 204 };
  const run = { event, requestId: at.requestId, caller: at.principal };
  if (type === 'Event') {
    invokeLater(at.kernel, target, { event, requestId: at.requestId });
    return { StatusCode: 202 };
  }
  const waiting = () => runTarget(at.kernel, target, run);
  const outcome = await (at.whileWaiting ? at.whileWaiting(waiting) : waiting());
  return { StatusCode: 200, ExecutedVersion: target.configuration.version, ...answerOf(outcome) };
};

const eventOf = (payload: InvokeCommandInput['Payload'], type: keyof typeof largest): string => {
  const bytes = Buffer.from((payload as Uint8Array | undefined) ?? '');
  if (bytes.length > largest[type]) {
    throw new AwsError(
      'RequestTooLargeException',
      `${bytes.length} byte payload is too large for the ${type} invocation type (limit ${largest[type]} bytes)`,
      413,
      { Type: 'User' },
    );
  }
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

const answerOf = (outcome: Outcome): Omit<InvokeCommandOutput, '$metadata'> =>
  outcome.kind === 'done'
    ? { Payload: bytesOf(outcome.payload) }
    : { FunctionError: 'Unhandled', Payload: bytesOf(JSON.stringify(outcome.error)) };

/** As the SDK's own type for payloads. */
const bytesOf = (text: string) => Buffer.from(text) as unknown as InvokeCommandOutput['Payload'];
