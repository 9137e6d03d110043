/** Invokes a remediation's function in the service account and turns what comes back into a result or a named error. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { environment } from '../aws/environment.ts';
import { type ErrorName, FINAL, isDenial, RETRIED, SutureError, text } from '../contract/errors.ts';
import { type Job, type JobWork, type RemediationRequest, RemediationResult } from '../domain/job.ts';
import { hyphenated } from '../domain/trace.ts';

const KNOWN = new Set<string>([...RETRIED, ...FINAL]);

export async function invokeRemediation(lambda: LambdaClient, job: Job, work: JobWork): Promise<RemediationResult> {
  const { SERVICE_ACCOUNT, HOME_REGION } = environment('SERVICE_ACCOUNT', 'HOME_REGION');
  const { control, account, region, partition } = job.finding;
  const name = `arn:${partition}:lambda:${HOME_REGION}:${SERVICE_ACCOUNT}:function:suture-remediation-${hyphenated(work.remediation)}`;
  const request = {
    v: 1,
    mode: work.mode,
    force: work.force,
    execution: job.execution,
    started: job.started,
    finding: { ...job.finding, control: control!, account: account!, region: region!, partition: partition! },
    target: work.target,
    params: work.params,
    policy: work.policy,
    approved: job.approval?.approved ?? false,
  } satisfies RemediationRequest;

  const answer = await send(lambda, name, request);
  const payload: unknown = JSON.parse(new TextDecoder().decode(answer.Payload) || 'null');
  if (answer.FunctionError) throw functionError(payload, work);
  return RemediationResult.parse(payload);
}

async function send(lambda: LambdaClient, name: string, request: RemediationRequest) {
  try {
    const Payload = new TextEncoder().encode(JSON.stringify(request));
    return await lambda.send(new InvokeCommand({ FunctionName: name, Qualifier: 'live', Payload }));
  } catch (error) {
    if (!isDenial(error)) throw error;
    throw new SutureError(
      'ConfigurationInvalid',
      `${text(error)}\nThe proxy may not invoke ${name}:live. Deploy the remediation's stack in the service account again: its alias grants it.`,
      { cause: error },
    );
  }
}

/** What the function threw, under the name it was thrown with; a crash or time-out is tried again from the journal. */
function functionError(payload: unknown, { remediation }: JobWork): Error {
  const { errorType = 'Unknown', errorMessage = 'no message' } = (payload ?? {}) as {
    errorType?: string;
    errorMessage?: string;
  };
  if (KNOWN.has(errorType)) return new SutureError(errorType as ErrorName, errorMessage);
  if (['Sandbox.Timedout', 'Runtime.ExitError', 'Unknown'].includes(errorType) || /timed out after/i.test(errorMessage))
    return new SutureError(
      'ServiceUnavailable',
      `The function of ${remediation} ended early: ${errorMessage}. It goes on from its journal.`,
    );
  return Object.assign(new Error(errorMessage), { name: errorType });
}
