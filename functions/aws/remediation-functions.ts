import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  type ErrorName,
  errorDescription,
  FINAL,
  isDenial,
  isNamed,
  RETRIED,
  SutureError,
} from '../contract/errors.ts';
import { callsInTrace, rememberCalls } from '../domain/failed-calls.ts';
import {
  type Job,
  type JobWork,
  planApproval,
  REQUEST_VERSION,
  type RemediationRequest,
  RemediationResult,
} from '../domain/job.ts';
import { LIVE } from '../domain/names.ts';
import { ownDenial, takeOffPolicy } from '../domain/own-denials.ts';
import { remediationOutdated, workflowOutdated } from '../domain/stack-gap.ts';
import type { InvocationFacts, InvokeRemediation } from '../ports/remediation-functions.ts';
import { environment } from './environment.ts';
import { NAMES } from './installation.ts';
import type { InvokerSession } from './invoker-session.ts';

const KNOWN = new Set<string>([...RETRIED, ...FINAL]);
/** The message about a request of a later version, from functions of releases that had no StackOutdated. */
const OLDER = /^The remediation request has v \d+, and only v \d+ is understood;/;

export const remediationInvoker =
  (session: InvokerSession): InvokeRemediation =>
  async (job, work, facts) => {
    const { SERVICE_ACCOUNT, HOME_REGION } = environment('SERVICE_ACCOUNT', 'HOME_REGION');
    const isApart = work.mode === 'rollback' && work.undoApart;
    const functionName = isApart
      ? NAMES.rollbackFunction(work.remediation)
      : NAMES.remediationFunction(work.remediation);
    const name = `arn:${job.finding.partition}:lambda:${HOME_REGION}:${SERVICE_ACCOUNT}:function:${functionName}`;
    const response = await invoke(session, name, work, requestOf(job, work, facts));
    const payload: unknown = JSON.parse(new TextDecoder().decode(response.Payload) || 'null');
    if (response.FunctionError)
      throw rememberCalls(functionError(payload, work), callsInTrace((payload as { trace?: unknown } | null)?.trace));
    const result = RemediationResult.safeParse(payload);
    if (result.success) return result.data;
    throw workflowOutdated(work.remediation, 'Its answer has a form that this workflow does not know.', result.error);
  };

function requestOf(job: Job, work: JobWork, { approvedUntil, ownerKeys, recurs }: InvocationFacts): RemediationRequest {
  const { control, account, region, partition } = job.finding;
  return {
    v: REQUEST_VERSION,
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
    ...(recurs && { recurs }),
    ...(ownerKeys.length > 0 && { ownerKeys: [...ownerKeys] }),
    approval: planApproval(job),
    approvalSignature: signatureOf(job),
    approvedUntil: approvedUntil?.toISOString(),
    triaged: triagedBy(job),
  };
}

const signatureOf = ({ approval }: Job): string | undefined =>
  approval && 'signature' in approval ? approval.signature : undefined;

/** Policy and mode of the job are triage's; those of the request are of this attempt. */
const triagedBy = ({ work }: Job): RemediationRequest['triaged'] =>
  work?.signature === undefined ? undefined : { mode: work.mode, policy: work.policy, signature: work.signature };

async function invoke(session: InvokerSession, name: string, { remediation }: JobWork, request: RemediationRequest) {
  try {
    const Payload = new TextEncoder().encode(JSON.stringify(request));
    const command = new InvokeCommand({ FunctionName: name, Qualifier: LIVE, Payload });
    return await session.use((lambda) => lambda.send(command));
  } catch (error) {
    // The workflow knows the remediations of its release before their stacks are deployed.
    if (isNamed(error, 'ResourceNotFoundException')) throw remediationMissing(remediation, error);
    if (!isDenial(error)) throw error;
    throw new SutureError(
      'ConfigurationInvalid',
      `${errorDescription(error)}\n${invokeDenied(errorDescription(error), name)}`,
      { cause: error },
    );
  }
}

function invokeDenied(text: string, name: string): string {
  const denial = ownDenial(text, NAMES);
  if (denial?.isForeignPolicy) return `The invoker role may not invoke ${name}:live. ${takeOffPolicy(denial.role)}.`;
  return `The invoker role may not invoke ${name}:live. Deploy ${NAMES.stack('Service')} in the service account again: it grants this.`;
}

/** Lambda answers alike about a function that is not deployed yet, and about one whose alias somebody deleted. */
const remediationMissing = (remediation: string, error: unknown): SutureError =>
  new SutureError(
    'StackOutdated',
    `${errorDescription(error)}\nThe remediation ${remediation} is older than the workflow, or its function has no alias ${LIVE}: not yet.`,
    { cause: error },
  );

/**
 * Returns the error that the function threw, under its name. The workflow retries a crash or timeout from the journal.
 */
function functionError(payload: unknown, { remediation }: JobWork): Error {
  const { errorType = 'Unknown', errorMessage = 'no message' } = (payload ?? {}) as {
    errorType?: string;
    errorMessage?: string;
  };
  if (errorType === 'ConfigurationInvalid' && OLDER.test(errorMessage))
    return remediationOutdated(remediation, errorMessage);
  if (KNOWN.has(errorType)) return new SutureError(errorType as ErrorName, errorMessage);
  if (['Sandbox.Timedout', 'Runtime.ExitError', 'Unknown'].includes(errorType) || /timed out after/i.test(errorMessage))
    return new SutureError(
      'ServiceUnavailable',
      `The function of ${remediation} ended early: ${errorMessage}. It continues from its journal.`,
    );
  return Object.assign(new Error(errorMessage), { name: errorType });
}
