/**
 * Compares a request with what triage and the approval function have signed. The proxy only passes that on, and may
 * permit less.
 */
import { commandToReplay, SutureError } from '../contract/errors.ts';
import type { Remediation } from '../contract/remediation.ts';
import type { RemediationRequest } from '../domain/job.ts';
import { approvalOf, permissionOfRequest } from '../domain/signature.ts';
import type { Verify } from '../ports/signatures.ts';

export type SignatureDeps = {
  readonly verifyTriage: Verify;
  readonly verifyApproval: Verify;
  /** Raises an alarm, because somebody else than the proxy may have sent the request. */
  readonly alert: (message: string) => void;
};

/**
 * Verifies the signatures.
 * @throws SutureError ConfigurationInvalid if triage did not permit this, or nobody approved what the request says
 */
export async function requireSigned(
  { id }: Pick<Remediation, 'id'>,
  request: RemediationRequest,
  deps: SignatureDeps,
): Promise<void> {
  const problem = await problemOf(id, request, deps);
  if (problem === undefined) return;
  deps.alert(problem);
  throw new SutureError(
    'ConfigurationInvalid',
    `${id} was invoked for something else than triage permitted: ${problem}. Nothing was read or written. ` +
      `If an earlier release began this execution, replay it, so that triage decides again: ${commandToReplay('ConfigurationInvalid')} ` +
      "If not, somebody may have the credentials of the proxy: stop Suture, and look at the function's invocations in CloudTrail",
  );
}

async function problemOf(id: string, request: RemediationRequest, deps: SignatureDeps): Promise<string | undefined> {
  const { mode, triaged, execution, approval, approvalSignature } = request;
  if (!triaged) return 'the request has no signature of triage';
  const permission = permissionOfRequest(id, { ...request, triaged });
  if (!(await deps.verifyTriage(permission, triaged.signature))) return 'the signature of triage is of something else';
  if (approval && !(await deps.verifyApproval(approvalOf(execution, approval), approvalSignature ?? '')))
    return 'its approval is not one that the approval function signed for this execution';
  const isPermitted = mode === triaged.mode || (mode === 'apply' && triaged.mode === 'plan' && approval);
  return isPermitted ? undefined : `triage permitted to ${triaged.mode}, and the request is to ${mode}`;
}
