import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { type ErrorName, errorDescription, FINAL, isDenial, RETRIED, SutureError } from '../contract/errors.ts';
import { type Job, type JobWork, planApproval, type RemediationRequest, RemediationResult } from '../domain/job.ts';
import { hyphenated } from '../domain/trace.ts';
import type { InvokeRemediation } from '../ports/remediation-functions.ts';
import { environment } from './environment.ts';

const KNOWN = new Set<string>([...RETRIED, ...FINAL]);

/** @param lambda must not retry: a retry would run a remediation twice without the workflow knowing */
export const remediationInvoker =
  (lambda: LambdaClient): InvokeRemediation =>
  async (job, work, approvedUntil) => {
    const { SERVICE_ACCOUNT, HOME_REGION } = environment('SERVICE_ACCOUNT', 'HOME_REGION');
    const kind = work.mode === 'rollback' && work.undoApart ? 'rollback' : 'remediation';
    const name = `arn:${job.finding.partition}:lambda:${HOME_REGION}:${SERVICE_ACCOUNT}:function:suture-${kind}-${hyphenated(work.remediation)}`;
    const response = await invoke(lambda, name, requestOf(job, work, approvedUntil));
    const payload: unknown = JSON.parse(new TextDecoder().decode(response.Payload) || 'null');
    if (response.FunctionError) throw functionError(payload, work);
    return RemediationResult.parse(payload);
  };

function requestOf(job: Job, work: JobWork, approvedUntil: Date | undefined): RemediationRequest {
  const { control, account, region, partition } = job.finding;
  return {
    v: 3,
    mode: work.mode,
    force: work.force,
    undo: work.undo,
    execution: job.execution,
    started: job.started,
    finding: { ...job.finding, control: control!, account: account!, region: region!, partition: partition! },
    target: work.target,
    params: work.params,
    unmet: work.unmet,
    policy: work.policy,
    askedBy: job.askedBy,
    approval: planApproval(job),
    approvedUntil: approvedUntil?.toISOString(),
  };
}

async function invoke(lambda: LambdaClient, name: string, request: RemediationRequest) {
  try {
    const Payload = new TextEncoder().encode(JSON.stringify(request));
    return await lambda.send(new InvokeCommand({ FunctionName: name, Qualifier: 'live', Payload }));
  } catch (error) {
    if (!isDenial(error)) throw error;
    throw new SutureError(
      'ConfigurationInvalid',
      `${errorDescription(error)}\nThe proxy may not invoke ${name}:live. Deploy the remediation's stack in the service account again: its alias grants it.`,
      { cause: error },
    );
  }
}

/**
 * Returns the error that the function threw, under its name. The workflow retries a crash or timeout from the journal.
 */
function functionError(payload: unknown, { remediation }: JobWork): Error {
  const { errorType = 'Unknown', errorMessage = 'no message' } = (payload ?? {}) as {
    errorType?: string;
    errorMessage?: string;
  };
  if (KNOWN.has(errorType)) return new SutureError(errorType as ErrorName, errorMessage);
  if (['Sandbox.Timedout', 'Runtime.ExitError', 'Unknown'].includes(errorType) || /timed out after/i.test(errorMessage))
    return new SutureError(
      'ServiceUnavailable',
      `The function of ${remediation} ended early: ${errorMessage}. It continues from its journal.`,
    );
  return Object.assign(new Error(errorMessage), { name: errorType });
}
