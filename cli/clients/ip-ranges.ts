/** Invokes the function of IP ranges, so that its own role, lease and checks apply. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { IpRangesAnswer, type IpRangesCommand } from '../../ip-ranges/contract/command.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';
import { functionName } from '../../stacks/names.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';

/** @throws Failure with the function's error, UsageError if the request names no target or contains no document */
export async function invokeIpRanges(request: IpRangesCommand, client?: LambdaClient): Promise<IpRangesAnswer> {
  const lambda = client ?? (await clientInItsRegion());
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName('ip-ranges'), Payload: JSON.stringify(request) }),
  );
  const answer = JSON.parse(new TextDecoder().decode(Payload));
  if (FunctionError && answer.errorType === 'CommandInvalid') throw new UsageError(answer.errorMessage);
  if (FunctionError) throw new Failure(`${answer.errorType ?? FunctionError}: ${answer.errorMessage ?? 'no message'}`);
  return IpRangesAnswer.parse(answer);
}

/** The client uses the Region that cdk.json gives the function, and does not retry. */
async function clientInItsRegion(): Promise<LambdaClient> {
  const { ipRanges, homeRegion } = await readCdkJsonContext();
  if (!ipRanges)
    throw new Failure(
      'cdk.json configures no ipRanges, so there is no function to invoke: add them to context.suture and deploy.',
    );
  return new LambdaClient({ region: ipRanges.region ?? homeRegion, maxAttempts: 1 });
}
